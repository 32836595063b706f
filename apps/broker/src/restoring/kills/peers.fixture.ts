import type { Packet, Publish } from '@milepost/mqtt';
import { ack, publish, subscribe } from '../../broker-life.fixture.js';
import type { Dice } from './dice.fixture.js';
import { Peer, type PeerHabits } from './peer.fixture.js';

export interface ReaderHabits extends PeerHabits {
  /** How many of a hundred times it ends its subscription, or makes it again. */
  readonly wandersPercent?: number;
  /** It subscribes twice, one behind the other. */
  readonly asksTwice?: boolean;
}

export class Reader extends Peer {
  /** As they came, those of QoS 1 as often as they did. */
  readonly read: { readonly text: string; readonly qos: 1 | 2 }[] = [];
  private readonly unreleased = new Set<number>();
  /** Of messages that came on this connection and are not acknowledged. */
  private readonly open = new Set<number>();
  private subscribed = false;

  constructor(
    id: string,
    private readonly filter: string,
    dice: Dice,
    private readonly own: ReaderHabits = {},
  ) {
    super(id, dice, own);
  }

  texts(qos: 1 | 2): string[] {
    return this.read.filter((each) => each.qos === qos).map(({ text }) => text);
  }

  protected welcomed(): void {
    this.open.clear();
    const times = this.own.asksTwice === true ? 2 : 1;
    if (!this.subscribed) for (let time = 0; time < times; time++) this.say(subscribe(this.filter));
  }

  protected override wander(): void {
    if (!this.dice.is((this.own.wandersPercent ?? 0) / 100)) return;
    this.say(this.subscribed ? { type: 'unsubscribe', packetId: 2, filters: [this.filter], properties: {} } : subscribe(this.filter));
    this.subscribed = false;
  }

  protected override said(packets: readonly Packet[]): void {
    for (const packet of packets) if (packet.type === 'puback' || packet.type === 'pubcomp') this.open.delete(packet.packetId);
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

  private take({ packetId, qos, payload, properties }: Publish): void {
    // What removes a retained message is empty.
    const text = properties.contentType ?? String(payload);
    this.open.add(packetId);
    if (this.open.size > this.receiveMaximum) throw new Error(`${this.id}: more than its Receive Maximum`);
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
  /** Whoever takes it late gets it no more. */
  readonly expires: boolean;
  /** It removes what its topic retains. */
  readonly clears: boolean;
  /** `forgotten`: by a clean start; nobody knows what became of it. */
  state: 'sent' | 'received' | 'done' | 'forgotten';
}

const MOST_OPEN = 6;
const EXPIRES_AFTER_S = 2;

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
    const isPlain = this.habits.version === 4;
    const clears = retain && !isPlain && dice.is(0.2);
    const expires = !clears && !isPlain && dice.is(0.15);
    const text = `${this.id}-${this.written.length}`;
    const message: Written = { text, topic, qos, retain, packetId, expires, clears, state: 'sent' };
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

function packetOf({ text, topic, qos, retain, packetId, expires, clears }: Written, dup: boolean): Publish {
  const properties = { ...(expires && { messageExpiryInterval: EXPIRES_AFTER_S }), ...(clears && { contentType: text }) };
  return publish(packetId, clears ? '' : text, { topic, qos, retain, dup, properties });
}
