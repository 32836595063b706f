import type { Connack, Packet, ProtocolVersion, Will } from '@milepost/mqtt';
import { type BrokerLife, connect } from '../../broker-life.fixture.js';
import type { FakeClient } from '../../connections/fake-socket.fixture.js';
import type { Dice } from './dice.fixture.js';

export interface PeerHabits {
  readonly version?: ProtocolVersion;
  /** How many of a hundred connections are clean starts. */
  readonly cleanPercent?: number;
  /** Its messages are bridged, as a vehicle's are. */
  readonly bridged?: boolean;
  /** In seconds, of one connection or another. */
  readonly sessionExpiries?: readonly [number, ...number[]];
  /** Likewise. */
  readonly receiveMaximums?: readonly [number, ...number[]];
  /** Most connections have a will. */
  readonly hasWills?: boolean;
  /** How many of a hundred times it says goodbye, or comes once more while it is there. */
  readonly restlessPercent?: number;
}

export interface AnnouncedWill {
  readonly text: string;
  /** After a connection that was lost: its delay, or the end of its session. */
  readonly delayMs: number;
  /** Nobody may get it, or get it any more. */
  isOff: boolean;
}

/** What is to become of the will of the connection before. */
interface LeftWill {
  readonly will: AnnouncedWill;
  /** Who is back before that takes it off. */
  readonly untilMs: number;
  /** With another session as well: it was deferred (decision 0003). */
  readonly byAnySession: boolean;
}

const TEN_MINUTES = 600;
/** A deferred will waits longer. */
const SURELY_DEFERRED_MS = 149_000;
const NORMAL = 0;
const WITH_WILL = 4;

/** A client that does as the specification says, whatever becomes of its connections. */
export abstract class Peer {
  readonly wills: AnnouncedWill[] = [];
  /** Of its connection, or its last one. */
  will: AnnouncedWill | undefined;
  protected receiveMaximum = Number.POSITIVE_INFINITY;
  private client: FakeClient | undefined;
  private unsaid: Packet[] = [];
  /** Set by CONNACK. */
  protected isUp = false;
  /** It has asked for a clean start, and was not told yet that it has one. */
  private cleans = false;
  /** CONNACK has come since its last clean start. */
  private hasSession = false;
  /** Its session ends with its connection, as it has said without a clean start of 5.0. */
  private endsWithConnection = false;
  private leftWill: LeftWill | undefined;

  constructor(
    readonly id: string,
    protected readonly dice: Dice,
    protected readonly habits: PeerHabits = {},
  ) {}

  /** What it has not heard of is nobody's business any more when it comes again. */
  get forgets(): boolean {
    return (this.habits.cleanPercent ?? 0) > 0;
  }

  /** Without a word. */
  lose(): void {
    this.leaveWill();
    this.client?.socket.destroy();
    this.gone();
  }

  /** The broker was killed. */
  cutOff(): void {
    const { will } = this;
    if (this.isConnected && will !== undefined)
      this.leftWill = { will, untilMs: performance.now() + SURELY_DEFERRED_MS, byAnySession: true };
    this.client?.socket.destroy();
    this.gone();
  }

  /** Comes back, or hears what there is and says some of what it has to say. @returns whether anything happened. */
  async act(broker: BrokerLife, saysAll: boolean): Promise<boolean> {
    if (this.client?.socket.ended === true) this.gone();
    if (this.client === undefined) {
      await this.come(broker);
      return true;
    }
    if (!saysAll && this.isUp && this.dice.is((this.habits.restlessPercent ?? 0) / 100)) {
      await this.leave(broker, this.client);
      return true;
    }
    const heard = this.client.heard();
    for (const packet of heard) this.hear(packet);
    if (this.isUp && !saysAll) this.wander();
    const said = this.unsaid.splice(0, saysAll ? this.unsaid.length : this.dice.below(this.unsaid.length + 1));
    if (said.length > 0) {
      this.said(said);
      await this.client.send(...said);
    }
    return heard.length + said.length > 0;
  }

  protected say(...packets: Packet[]): void {
    this.unsaid.push(...packets);
  }

  /** It goes on with its session, or begins one. */
  protected abstract welcomed(isNew: boolean): void;
  /** What it knows of its session means nothing any more. */
  protected abstract forgot(): void;
  protected abstract answer(packet: Packet): void;
  /** These are on their way to the broker. */
  protected said(_packets: readonly Packet[]): void {}
  /** It may want something else. */
  protected wander(): void {}

  private get isConnected(): boolean {
    return this.isUp && this.client?.socket.ended === false;
  }

  private gone(): void {
    this.client = undefined;
    this.isUp = false;
    this.unsaid = [];
  }

  private leaveWill(): void {
    const { will } = this;
    if (this.isConnected && will !== undefined) this.leftWill = { will, untilMs: performance.now() + will.delayMs, byAnySession: false };
  }

  private async leave(broker: BrokerLife, client: FakeClient): Promise<void> {
    const how = this.dice.one(['takes over', 'disconnects', 'disconnects with will'] as const);
    if (how === 'takes over') {
      this.leaveWill();
      await this.come(broker);
      return;
    }
    const reasonCode = how === 'disconnects' || this.habits.version === 4 ? NORMAL : WITH_WILL;
    if (reasonCode === WITH_WILL) this.leaveWill();
    else if (this.isConnected && this.will !== undefined) this.will.isOff = true;
    const ends = this.forgets && this.habits.version !== 4 && this.dice.is(0.3);
    this.cleans ||= ends;
    await client.send({ type: 'disconnect', reasonCode, properties: ends ? { sessionExpiryInterval: 0 } : {} });
    this.gone();
  }

  private async come(broker: BrokerLife): Promise<void> {
    this.isUp = false;
    this.unsaid = [];
    this.cleans ||= this.dice.is((this.habits.cleanPercent ?? 0) / 100);
    if (this.cleans || this.endsWithConnection) {
      this.hasSession = false;
      this.endsWithConnection = false;
      this.forgot();
    }
    const { version = 5, bridged = false, sessionExpiries = [TEN_MINUTES], receiveMaximums, hasWills = false } = this.habits;
    this.client = bridged ? broker.plugBridged(true) : broker.plug(version);
    const sessionExpiryInterval = this.dice.one(sessionExpiries);
    const receiveMaximum = receiveMaximums && this.dice.one(receiveMaximums);
    this.receiveMaximum = receiveMaximum ?? Number.POSITIVE_INFINITY;
    const properties = version === 4 ? {} : { sessionExpiryInterval, ...(receiveMaximum !== undefined && { receiveMaximum }) };
    this.will = undefined;
    const will = hasWills && this.dice.is(0.8) && { will: this.nextWill(sessionExpiryInterval) };
    await this.client.send(connect(this.id, { protocolVersion: version, cleanStart: this.cleans, properties, ...will }));
  }

  /** What is retained is sent more than once. */
  private nextWill(sessionExpirySeconds: number): Will {
    const retain = this.dice.is(0.5);
    const willDelayInterval = this.dice.one([0, 1, 30]);
    const text = `will ${this.wills.length + 1} of ${this.id}`;
    this.will = { text, delayMs: 1_000 * Math.min(willDelayInterval, sessionExpirySeconds), isOff: false };
    this.wills.push(this.will);
    const topic = retain ? `r/${this.id}/will` : 't/0';
    return { topic, payload: Buffer.from(text), qos: 2, retain, properties: { willDelayInterval } };
  }

  private hear(packet: Packet | string): void {
    if (typeof packet === 'string') throw new Error(`${this.id}: ${packet}`);
    if (packet.type !== 'connack') this.answer(packet);
    else if (packet.reasonCode === 0) this.accepted(packet);
  }

  private accepted({ sessionPresent }: Connack): void {
    if (this.hasSession && !sessionPresent) throw new Error(`${this.id}: its session is gone`);
    if (this.cleans && sessionPresent) throw new Error(`${this.id}: it had asked for a clean start`);
    this.endsWithConnection = this.cleans && this.habits.version === 4;
    this.hasSession = true;
    this.cleans = false;
    this.isUp = true;
    const { leftWill } = this;
    this.leftWill = undefined;
    if (leftWill !== undefined && performance.now() < leftWill.untilMs && (sessionPresent || leftWill.byAnySession))
      leftWill.will.isOff = true;
    this.welcomed(!sessionPresent);
  }
}
