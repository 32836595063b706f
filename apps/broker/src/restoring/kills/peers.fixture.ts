import type { Connack, Packet, Publish, Will } from '@milepost/mqtt';
import { ack, type BrokerLife, connect, publish, subscribe } from '../../broker-life.fixture.js';
import type { FakeClient } from '../../connections/fake-socket.fixture.js';
import type { Dice } from './dice.fixture.js';

export interface PeerHabits {
  /** How many of a hundred connections are clean starts. */
  readonly cleanPercent?: number;
  /** Its messages are bridged, as a vehicle's are. */
  readonly bridged?: boolean;
  /** In seconds, of one connection or another. */
  readonly sessionExpiries?: readonly [number, ...number[]];
  /** Each connection has a will. */
  readonly hasWills?: boolean;
}

const TEN_MINUTES = 600;

/** A client that does as the specification says, whatever becomes of its connections. */
export abstract class Peer {
  private client: FakeClient | undefined;
  private unsaid: Packet[] = [];
  /** Set by CONNACK. */
  protected isUp = false;
  /** It has asked for a clean start, and was not told yet that it has one. */
  private cleans = false;
  /** CONNACK has come since its last clean start. */
  private hasSession = false;
  private wills = 0;

  constructor(
    readonly id: string,
    protected readonly dice: Dice,
    private readonly habits: PeerHabits = {},
  ) {}

  /** What it has not heard of is nobody's business any more when it comes again. */
  get forgets(): boolean {
    return (this.habits.cleanPercent ?? 0) > 0;
  }

  /** Without a word; or because the broker is gone. */
  lose(): void {
    this.client?.socket.destroy();
    this.client = undefined;
    this.isUp = false;
    this.unsaid = [];
  }

  /** Comes back, or hears what there is and says some of what it has to say. @returns whether anything happened. */
  async act(broker: BrokerLife, saysAll: boolean): Promise<boolean> {
    if (this.client?.socket.ended === true) this.lose();
    if (this.client === undefined) {
      await this.come(broker);
      return true;
    }
    const heard = this.client.heard();
    for (const packet of heard) this.hear(packet);
    const said = this.unsaid.splice(0, saysAll ? this.unsaid.length : this.dice.below(this.unsaid.length + 1));
    if (said.length > 0) await this.client.send(...said);
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

  private async come(broker: BrokerLife): Promise<void> {
    this.cleans ||= this.dice.is((this.habits.cleanPercent ?? 0) / 100);
    if (this.cleans) {
      this.hasSession = false;
      this.forgot();
    }
    this.client = this.habits.bridged === true ? broker.plugBridged(true) : broker.plug();
    const { sessionExpiries = [TEN_MINUTES], hasWills = false } = this.habits;
    const properties = { sessionExpiryInterval: this.dice.one(sessionExpiries) };
    await this.client.send(connect(this.id, { cleanStart: this.cleans, properties, ...(hasWills && { will: this.nextWill() }) }));
  }

  /** What is retained is sent more than once. */
  private nextWill(): Will {
    const retain = this.dice.is(0.5);
    const payload = Buffer.from(`will ${++this.wills} of ${this.id}`);
    const properties = { willDelayInterval: this.dice.one([0, 1, 30]) };
    return { topic: retain ? `r/${this.id}/will` : 't/0', payload, qos: 2, retain, properties };
  }

  private hear(packet: Packet | string): void {
    if (typeof packet === 'string') throw new Error(`${this.id}: ${packet}`);
    if (packet.type !== 'connack') this.answer(packet);
    else if (packet.reasonCode === 0) this.accepted(packet);
  }

  private accepted({ sessionPresent }: Connack): void {
    if (this.hasSession && !sessionPresent) throw new Error(`${this.id}: its session is gone`);
    if (this.cleans && sessionPresent) throw new Error(`${this.id}: it had asked for a clean start`);
    this.hasSession = true;
    this.cleans = false;
    this.isUp = true;
    this.welcomed(!sessionPresent);
  }
}

export class Reader extends Peer {
  /** As they came, those of QoS 1 as often as they did. */
  readonly read: { readonly text: string; readonly qos: 1 | 2 }[] = [];
  private readonly unreleased = new Set<number>();
  private subscribed = false;

  constructor(
    id: string,
    private readonly filter: string,
    dice: Dice,
    habits?: PeerHabits,
  ) {
    super(id, dice, habits);
  }

  texts(qos: 1 | 2): string[] {
    return this.read.filter((each) => each.qos === qos).map(({ text }) => text);
  }

  protected welcomed(): void {
    if (!this.subscribed) this.say(subscribe(this.filter));
  }

  protected forgot(): void {
    this.subscribed = false;
    this.unreleased.clear();
  }

  protected answer(packet: Packet): void {
    if (packet.type === 'suback') this.subscribed = true;
    if (packet.type === 'publish') this.take(packet);
    if (packet.type !== 'pubrel') return;
    this.unreleased.delete(packet.packetId);
    this.say(ack('pubcomp', packet.packetId));
  }

  private take({ packetId, qos, payload }: Publish): void {
    const text = String(payload);
    if (qos !== 2) {
      this.read.push({ text, qos: 1 });
      this.say(ack('puback', packetId));
      return;
    }
    if (!this.unreleased.has(packetId)) this.read.push({ text, qos });
    this.unreleased.add(packetId);
    this.say(ack('pubrec', packetId));
  }
}

export interface Written {
  readonly text: string;
  readonly topic: string;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  readonly packetId: number;
  /** `forgotten`: by a clean start; nobody knows what became of it. */
  state: 'sent' | 'received' | 'done' | 'forgotten';
}

const MOST_OPEN = 6;

export class Writer extends Peer {
  readonly written: Written[] = [];

  constructor(
    id: string,
    /** Of those that are to be retained: what is sent again counts as a later one, so that with both nobody knows which is the last. */
    private readonly retainedQos: 1 | 2,
    dice: Dice,
    habits?: PeerHabits,
  ) {
    super(id, dice, habits);
  }

  get open(): Written[] {
    return this.written.filter(({ state }) => state === 'sent' || state === 'received');
  }

  write(): void {
    const { open, dice } = this;
    if (!this.isUp || open.length >= MOST_OPEN) return;
    const used = new Set(open.map(({ packetId }) => packetId));
    let packetId = 1;
    while (used.has(packetId)) packetId += 1;
    const retain = dice.is(0.3);
    const qos = retain ? this.retainedQos : dice.one([1, 2] as const);
    const topic = retain ? `r/${this.id}` : dice.one(['t/0', 't/1']);
    const message: Written = { text: `${this.id}-${this.written.length}`, topic, qos, retain, packetId, state: 'sent' };
    this.written.push(message);
    this.say(packetOf(message, false));
  }

  protected welcomed(): void {
    for (const message of this.open) this.say(message.state === 'sent' ? packetOf(message, true) : ack('pubrel', message.packetId));
  }

  protected forgot(): void {
    for (const message of this.open) message.state = 'forgotten';
  }

  protected answer(packet: Packet): void {
    if (packet.type !== 'puback' && packet.type !== 'pubrec' && packet.type !== 'pubcomp') return;
    const message = this.open.find(({ packetId }) => packetId === packet.packetId);
    if (message === undefined) return;
    if (packet.type !== 'pubcomp' && packet.reasonCode !== 0) throw new Error(`${this.id}: ${packet.type} ${packet.reasonCode}`);
    message.state = packet.type === 'pubrec' ? 'received' : 'done';
    if (packet.type === 'pubrec') this.say(ack('pubrel', packet.packetId));
  }
}

function packetOf({ text, topic, qos, retain, packetId }: Written, dup: boolean): Publish {
  return publish(packetId, text, { topic, qos, retain, dup });
}
