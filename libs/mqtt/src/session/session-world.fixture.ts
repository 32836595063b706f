import { expect } from 'vitest';
import { ack, connectPacket, Harness, publishPacket } from '../connection/harness.fixture.js';
import type { Packet, ProtocolVersion, Publish, QoS } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import { ClientSession } from './client-session.js';
import type { OutboundMessage } from './outbound-message.js';
import type { PublishToken } from './publish-token.js';
import type { RestoredSession } from './session-journal.js';
import { DEFAULT_SESSION_LIMITS } from './session-limits.js';
import { SessionLog } from './session-log.fixture.js';

/** A message of the client that it has not got rid of. */
interface Sending {
  readonly number: number;
  readonly qos: QoS;
  released: boolean;
}

/**
 * A broker whose process may die, its log, and a client that does everything right but loses its connection at any time. It keeps
 * what must hold after every packet.
 */
export class SessionWorld {
  private session: ClientSession;
  private wire: Harness | undefined;
  private receiveMaximum = 65_535;
  private readonly log = new SessionLog();
  private readonly delivered: OutboundMessage[] = [];
  /** PUBLISHes that the broker has not decided about. */
  private undecided: { publish: Publish; token: PublishToken; harness: Harness }[] = [];

  // The client.
  private readonly got: number[] = [];
  private readonly unreleased = new Set<number>();
  private toAnswer: Packet[] = [];
  private openHere = new Set<number>();
  private lastHere = -1;
  private readonly sending = new Map<number, Sending>();
  private sent = 0;
  private readonly refused = new Set<number>();
  private nextId = 0;

  constructor(
    private readonly version: ProtocolVersion,
    private readonly journalled: boolean,
  ) {
    this.session = this.newSession(undefined);
  }

  // What may happen.

  deliver(qos: QoS): void {
    const number = this.delivered.length;
    const payload = Buffer.from(String(number));
    const message = { topic: 't', payload, qos, retain: false, properties: {}, ...(qos > 0 && { stored: { number } }) };
    this.delivered.push(message);
    this.session.deliver(message, 0);
    this.read();
  }

  publish(qos: 1 | 2): void {
    if (this.wire === undefined || this.sending.size >= 8) return;
    do this.nextId = (this.nextId % 20) + 1;
    while (this.sending.has(this.nextId));
    const sending = { number: this.sent++, qos, released: false };
    this.sending.set(this.nextId, sending);
    this.send(this.publishOf(this.nextId, sending, false));
  }

  decide(nth: number, how: 'append' | 'refuse' | 'fail'): void {
    const [chosen] = this.undecided.splice(nth % Math.max(1, this.undecided.length), 1);
    if (chosen === undefined) return;
    const { publish, token, harness } = chosen;
    const number = Number(publish.payload);
    if (how === 'append') {
      this.log.append({ kind: 'message', number, packetId: publish.qos === 2 ? publish.packetId : 0, harness, token });
    } else if (how === 'refuse' && this.version === 5) {
      this.refused.add(number);
      harness.connection.settlePublish(token, ReasonCode.QuotaExceeded, 0);
    } else {
      harness.connection.failPublish(token, 'the log is away');
    }
    this.read();
  }

  keep(lines: number): void {
    this.log.keep(lines, ({ harness, token }) => harness.connection.settlePublish(token, ReasonCode.Success, 0));
    this.read();
  }

  /** The client answers the oldest packets that it has not answered. */
  answer(packets: number): void {
    for (const packet of this.toAnswer.splice(0, packets)) {
      if ('packetId' in packet && (packet.type === 'puback' || packet.type === 'pubcomp')) this.openHere.delete(packet.packetId);
      if (packet.type === 'pubcomp') this.unreleased.delete(packet.packetId);
      this.send(packet);
    }
  }

  lose(): void {
    this.wire?.connection.socketClosed();
    this.wire = undefined;
  }

  connect(receiveMaximum: number): void {
    if (this.wire !== undefined) return;
    this.receiveMaximum = this.version === 5 ? receiveMaximum : 32;
    this.toAnswer = [];
    this.openHere = new Set();
    this.lastHere = -1;
    this.wire = new Harness(this.version);
    this.wire.send(connectPacket(this.version, { cleanStart: false, properties: this.version === 5 ? { receiveMaximum } : {} }));
    this.wire.accept({ session: this.session, sessionPresent: true });
    this.read();
    for (const [id, sending] of [...this.sending]) {
      this.send(sending.released ? ack('pubrel', id) : this.publishOf(id, sending, true));
    }
  }

  /** The process dies and comes back: what is not durable is lost. */
  restart(): void {
    if (!this.journalled) return;
    this.lose();
    this.log.cut();
    this.undecided = [];
    this.session = this.newSession(this.log.restored(this.delivered));
  }

  /** Everything comes to rest; then all must have arrived. */
  settle(): void {
    for (let round = 0; round < 500; round++) {
      this.connect(3);
      while (this.undecided.length > 0) this.decide(0, 'append');
      this.keep(Number.POSITIVE_INFINITY);
      this.answer(Number.POSITIVE_INFINITY);
      if (this.session.inFlightMessages + this.session.queuedMessages + this.sending.size === 0) break;
    }
    expect(this.session).toMatchObject({ inFlightMessages: 0, queuedMessages: 0 });
    expect([...this.sending.keys()]).toEqual([]);
    for (const [number, { qos }] of this.delivered.entries()) {
      const times = this.got.filter((each) => each === number).length;
      if (qos === 1) expect(times, `QoS 1 message ${number}`).toBeGreaterThanOrEqual(1);
      if (qos === 2) expect(times, `QoS 2 message ${number}`).toBe(1);
    }
    const firsts = [...new Set(this.got)];
    for (const qos of [1, 2]) {
      const order = firsts.filter((number) => this.delivered[number]?.qos === qos);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    for (let number = 0; number < this.sent; number++) {
      if (!this.refused.has(number)) expect(this.log.stored(number), `message ${number} of the client`).toBeGreaterThanOrEqual(1);
    }
  }

  private newSession(restored: RestoredSession | undefined): ClientSession {
    const finished = new Set<OutboundMessage>();
    return new ClientSession({
      limits: DEFAULT_SESSION_LIMITS,
      hooks: {
        undelivered: ({ qos }) => expect(qos).toBe(0),
        finished: (message) => {
          expect(finished.has(message)).toBe(false);
          finished.add(message);
        },
      },
      ...(this.journalled && { journal: this.log }),
      ...(restored !== undefined && { restored }),
    });
  }

  private publishOf(packetId: number, { number, qos }: Sending, dup: boolean): Publish {
    return publishPacket({ packetId, qos, dup, topic: 'up', payload: Buffer.from(String(number)) });
  }

  private send(packet: Packet): void {
    if (this.wire === undefined) return;
    this.wire.send(packet);
    this.read();
  }

  private read(): void {
    const { wire } = this;
    if (wire === undefined) return;
    for (const { publish, token } of wire.publishes.splice(0)) {
      if (token !== undefined) this.undecided.push({ publish, token, harness: wire });
    }
    for (const packet of wire.received()) this.receive(packet);
    if (wire.end === undefined) return;
    // Only a log that fails a publish ends a connection.
    expect(wire.end.reasonCode).toBe(ReasonCode.ServerBusy);
    this.wire = undefined;
  }

  private receive(packet: Packet): void {
    switch (packet.type) {
      case 'publish':
        this.receivePublish(packet);
        break;
      case 'pubrel':
        if (this.journalled) expect(this.log.recorded(packet.packetId, 'pubcomp')).toBe(true);
        this.toAnswer.push(ack('pubcomp', packet.packetId));
        break;
      case 'puback':
        this.acknowledged(packet.packetId, packet.reasonCode);
        break;
      case 'pubrec':
        this.receivedByBroker(packet.packetId, packet.reasonCode);
        break;
      case 'pubcomp':
        expect(this.sending.get(packet.packetId)?.released).toBe(true);
        if (this.journalled) expect(this.log.restored(this.delivered).received).not.toContain(packet.packetId);
        this.sending.delete(packet.packetId);
        break;
      case 'disconnect':
      case 'connack':
        break;
      default:
        expect.unreachable(packet.type);
    }
  }

  private receivePublish({ qos, packetId, payload }: Publish): void {
    const number = Number(payload);
    if (qos === 0) return;
    if (this.journalled) expect(this.log.recorded(packetId, qos === 1 ? 'puback' : 'pubrec')).toBe(true);
    // In order, and each at most once on a connection: nothing is sent again but at its beginning.
    expect(number).toBeGreaterThan(this.lastHere);
    this.lastHere = number;
    this.openHere.add(packetId);
    expect(this.openHere.size).toBeLessThanOrEqual(this.receiveMaximum);
    if (qos === 1 || !this.unreleased.has(packetId)) this.got.push(number);
    if (qos === 2) this.unreleased.add(packetId);
    this.toAnswer.push(ack(qos === 1 ? 'puback' : 'pubrec', packetId));
  }

  private acknowledged(packetId: number, reasonCode: number): void {
    const sending = this.sending.get(packetId);
    expect(sending?.qos).toBe(1);
    if (sending !== undefined && reasonCode === 0) expect(this.log.stored(sending.number)).toBeGreaterThanOrEqual(1);
    this.sending.delete(packetId);
  }

  private receivedByBroker(packetId: number, reasonCode: number): void {
    const sending = this.sending.get(packetId);
    expect(sending?.qos).toBe(2);
    if (sending === undefined) return;
    if (reasonCode >= 0x80) {
      this.sending.delete(packetId);
      return;
    }
    expect(sending.released).toBe(false);
    expect(this.log.stored(sending.number)).toBe(1);
    sending.released = true;
    this.toAnswer.push(ack('pubrel', packetId));
  }
}
