import { connectPacket, Harness } from '../connection/harness.fixture.js';
import type { ConnectionOptions } from '../connection/interface/connection-options.js';
import type { Connect, ProtocolVersion, QoS } from '../packets/packet.js';
import { ClientSession } from './client-session.js';
import type { OutboundMessage } from './outbound-message.js';
import type { RestoredSession, SessionJournal } from './session-journal.js';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from './session-limits.js';

interface SessionSetup {
  readonly limits?: Partial<SessionLimits>;
  readonly journal?: SessionJournal;
  readonly restored?: RestoredSession;
}

/** A client whose session is resumed by one connection after another. Messages are told by their payload. */
export class SessionHarness {
  readonly session: ClientSession;
  /** `{reason} {payload}` */
  readonly undelivered: string[] = [];
  readonly finished: string[] = [];
  private current: Harness | undefined;

  constructor(
    readonly version: ProtocolVersion,
    private readonly options: Partial<ConnectionOptions> = {},
    { limits, ...setup }: SessionSetup = {},
  ) {
    this.session = new ClientSession({
      limits: { ...DEFAULT_SESSION_LIMITS, ...limits },
      hooks: {
        undelivered: ({ payload }, reason) => this.undelivered.push(`${reason} ${payload}`),
        finished: ({ payload }) => this.finished.push(String(payload)),
      },
      ...setup,
    });
  }

  get wire(): Harness {
    if (this.current === undefined) throw new Error('not connected');
    return this.current;
  }

  connect(connect: Partial<Connect> = {}): Harness {
    const now = this.current?.now;
    this.current = new Harness(this.version, this.options);
    if (now !== undefined) this.current.now = now;
    this.current.send(connectPacket(this.version, { cleanStart: false, ...connect }));
    this.current.accept({ session: this.session, sessionPresent: true });
    return this.current;
  }

  lose(): void {
    this.wire.connection.socketClosed();
  }

  deliver(message: { qos: QoS; payload: string } & Partial<Omit<OutboundMessage, 'payload'>>): void {
    const { payload, ...rest } = message;
    this.session.deliver({ topic: 't', payload: Buffer.from(payload), retain: false, properties: {}, ...rest }, this.current?.now ?? 0);
  }
}
