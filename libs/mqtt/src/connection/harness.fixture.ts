import { Decoder } from '../codec/decoding/decoder.js';
import { encode } from '../codec/encoding/encoder.js';
import type { Ack, Connect, Packet, ProtocolVersion, Publish, Subscription } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import { ClientSession } from '../session/client-session.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import type { PublishToken } from '../session/publish-token.js';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '../session/session-limits.js';
import type { Acceptance, AuthenticationStep, ConnectionEffects } from './interface/connection-effects.js';
import type { ConnectionEnd } from './interface/connection-end.js';
import { type ConnectionOptions, DEFAULT_CONNECTION_OPTIONS } from './interface/connection-options.js';
import type { SubscribeToken, UnsubscribeToken } from './interface/subscription-tokens.js';
import { ServerConnection } from './server-connection.js';

/** A connection under test: its client's end of the wire, and everything that it asked of the broker. */
export class Harness {
  now = 1_000_000;
  readonly connection: ServerConnection;
  /** What `accept` gives the connection. */
  session: ClientSession;
  readonly connects: Connect[] = [];
  readonly authentications: AuthenticationStep[] = [];
  readonly publishes: { publish: Publish; token: PublishToken | undefined }[] = [];
  readonly subscribes: { subscriptions: readonly Subscription[]; identifier: number | undefined; token: SubscribeToken }[] = [];
  readonly unsubscribes: { filters: readonly string[]; token: UnsubscribeToken }[] = [];
  readonly refused: { publish: Publish; reasonCode: ReasonCode }[] = [];
  readonly undelivered: string[] = [];
  readonly finished: OutboundMessage[] = [];
  readonly ends: ConnectionEnd[] = [];
  scheduledAt = Number.POSITIVE_INFINITY;
  outputReadyCalls = 0;
  /** How many publishes it had handed over each time that it had caught up. */
  readonly caughtUpAfter: number[] = [];
  /** What it told its metrics, in short. */
  readonly counts: string[] = [];
  reading = true;
  /** Told for a topic that begins with `refused/`. */
  verdict: ReasonCode = ReasonCode.NotAuthorized;
  /** What the client may be told of a refused publish. */
  refusedBecause: string | undefined;
  private readonly decoder: Decoder;

  constructor(
    readonly version: ProtocolVersion,
    options: Partial<ConnectionOptions> = {},
    limits: Partial<SessionLimits> = {},
  ) {
    this.decoder = new Decoder({ maxPacketBytes: 1 << 24, protocolVersion: version });
    this.session = new ClientSession({
      limits: { ...DEFAULT_SESSION_LIMITS, ...limits },
      hooks: {
        undelivered: (_message, reason) => this.undelivered.push(reason),
        finished: (message) => this.finished.push(message),
      },
    });
    this.connection = new ServerConnection({ ...DEFAULT_CONNECTION_OPTIONS, ...options }, this.effects(), this.now);
  }

  get end(): ConnectionEnd | undefined {
    return this.ends[0];
  }

  sendBytes(bytes: Buffer | string): void {
    this.connection.receive(typeof bytes === 'string' ? Buffer.from(bytes.replaceAll(' ', ''), 'hex') : bytes, this.now);
  }

  send(...packets: Packet[]): void {
    this.sendBytes(Buffer.concat(packets.map((packet) => encode(packet, this.version))));
  }

  /** What the client has received since the last call. */
  received(): Packet[] {
    this.decoder.push(Buffer.concat(this.connection.takeOutput()));
    const packets: Packet[] = [];
    for (let result = this.decoder.next(); result !== undefined; result = this.decoder.next()) {
      if (result.type === 'protocol-error') throw new Error(`the server sent something malformed: ${result.detail}`);
      packets.push(result);
    }
    return packets;
  }

  accept(acceptance: Partial<Acceptance> = {}): void {
    this.connection.accept({ clientId: 'truck-1', session: this.session, ...acceptance }, this.now);
  }

  settle(index: number, reasonCode: ReasonCode = ReasonCode.Success): void {
    const token = this.publishes[index]?.token;
    if (token === undefined) throw new Error(`publish ${index} has no token`);
    this.connection.settlePublish(token, reasonCode, this.now);
  }

  settleStored(first: number, count: number): void {
    const tokens = this.publishes.map(({ token }) => token as PublishToken);
    this.connection.settleStored(tokens, first, count, this.now);
  }

  deliver(message: Partial<OutboundMessage> = {}): void {
    this.session.deliver({ topic: 't', payload: Buffer.from('x'), qos: 1, retain: false, properties: {}, ...message }, this.now);
  }

  /** Time passes; the timer fires when it is due. */
  pass(milliseconds: number): void {
    const until = this.now + milliseconds;
    while (this.scheduledAt <= until && this.ends.length === 0) {
      this.now = this.scheduledAt;
      this.scheduledAt = Number.POSITIVE_INFINITY;
      this.connection.timer(this.now);
    }
    this.now = until;
  }

  private effects(): ConnectionEffects {
    return {
      outputReady: () => {
        this.outputReadyCalls++;
      },
      pauseReading: () => {
        this.reading = false;
      },
      resumeReading: () => {
        this.reading = true;
      },
      schedule: (atMs) => {
        this.scheduledAt = atMs;
      },
      connect: (connect) => this.connects.push(connect),
      authenticate: (step) => this.authentications.push(step),
      authorisePublish: (publish) => (publish.topic.startsWith('refused/') ? this.verdict : ReasonCode.Success),
      packets: (direction, type, count) => this.counts.push(`${direction} ${type} ${count}`),
      caughtUp: () => void this.caughtUpAfter.push(this.publishes.length),
      publish: (publish, token) => this.publishes.push({ publish, token }),
      subscribe: (subscriptions, identifier, token) => this.subscribes.push({ subscriptions, identifier, token }),
      unsubscribe: (filters, token) => this.unsubscribes.push({ filters, token }),
      ended: (end) => this.ends.push(end),
      publishRefused: (publish, reasonCode) => {
        this.refused.push({ publish, reasonCode });
        return this.refusedBecause;
      },
    };
  }
}

export function connectPacket(version: ProtocolVersion, overrides: Partial<Connect> = {}): Connect {
  return {
    type: 'connect',
    protocolVersion: version,
    clientId: 'truck-1',
    cleanStart: true,
    keepAliveSeconds: 60,
    properties: {},
    ...overrides,
  };
}

/** An established connection, CONNACK already taken. */
export function connected(
  version: ProtocolVersion,
  connect: Partial<Connect> = {},
  options: Partial<ConnectionOptions> = {},
  limits: Partial<SessionLimits> = {},
): Harness {
  const harness = new Harness(version, options, limits);
  harness.send(connectPacket(version, connect));
  harness.accept();
  harness.received();
  return harness;
}

export function publishPacket(overrides: Partial<Publish> = {}): Publish {
  return {
    type: 'publish',
    topic: 'fleet/truck-1/location',
    payload: Buffer.from('{}'),
    qos: 1,
    retain: false,
    dup: false,
    packetId: overrides.qos === 0 ? 0 : 1,
    properties: {},
    ...overrides,
  };
}

export function ack(type: Ack['type'], packetId: number, reasonCode = 0): Packet {
  return { type, packetId, reasonCode, properties: {} };
}

/** Packets in short: `publish 1 payload`, else the type. */
export function summary(packets: readonly Packet[]): string[] {
  return packets.map((packet) => (packet.type === 'publish' ? `publish ${packet.packetId} ${packet.payload}` : packet.type));
}

/** What the client has got since it was last asked: type and packet id. */
export function ids(harness: Harness): string[] {
  return harness.received().map((packet) => `${packet.type} ${'packetId' in packet ? packet.packetId : ''}`.trim());
}

export const pubrel = (packetId: number) => ({ type: 'pubrel', packetId, reasonCode: 0, properties: {} }) as const;
