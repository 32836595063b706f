import { type InboundRecord, type OutboundRecord, type SessionRecord, topics } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import type { Durable, GrantedSubscription, InboundState, OutboundState, SessionJournal } from '@milepost/mqtt';
import type { RetainedWalk } from '../delivery/subscribers/hand-out.js';
import type { KeptHandOut } from '../delivery/subscribers/kept-hand-out.js';
import { KeptHandOuts } from '../delivery/subscribers/kept-hand-outs.js';
import { isLater, type Order, recordId, type Stamp } from '../log/stamp.js';
import { untilAnswered } from '../log/until-answered.js';
import { type MessageRecord, StoredCopy, storedCopyOf } from '../records/message-record.js';
import type { MessageRecords } from '../records/message-records.js';
import type { StateWriter } from '../state/state-writer.js';
import type { Ending } from './ending.js';
import { LatestState } from './latest-state.js';

export interface SessionOwner {
  readonly key: string;
  readonly organisation: string;
  readonly clientId: string;
}

export interface ClaimState {
  readonly expirySeconds: number;
  /** ISO 8601; undefined while it is connected. */
  readonly disconnectedAt: string | undefined;
  readonly subscriptions: readonly GrantedSubscription[];
}

/** As the session's journal says it. What arrived after `asOf` it does not know of: it may wait for the write before it. */
interface DatedInboundState extends InboundState {
  readonly asOf: Stamp;
}

/** Keeps one session in `mqtt.sessions`: the claim with its subscriptions, and what its journal says. */
export class SessionKeeper implements SessionJournal {
  private readonly claims = new LatestState<ClaimState>((state) => this.inTurn(() => this.writeClaim(state)));
  private readonly outbounds = new LatestState<OutboundState>((state) => this.inTurn(() => this.writeOutbound(state)));
  private readonly inbounds = new LatestState<DatedInboundState>((state) => this.inTurn(() => this.writeInbound(state)));
  /** Records of the client's QoS 2 messages whose identifiers are not released. */
  private readonly received = new Map<number, MessageRecord>();
  /** Made when there is something to be handed out. */
  private handOuts: KeptHandOuts | undefined;
  private saysHandOuts = false;
  private over = false;
  /** Resolves when this session may begin on record; undefined: it may. */
  private turn: Promise<void> | undefined;
  /** The claim is to be removed, as long as this is the attempt. */
  private renouncing: object | undefined;

  constructor(
    readonly owner: SessionOwner,
    /** The stamp of its beginning: what is older belongs to an earlier session of the client. */
    readonly born: Order,
    private readonly writer: StateWriter,
    private readonly records: MessageRecords,
    /** The client's session before, if it is still on record: nothing of this one may take its place yet. */
    before?: Ending,
  ) {
    if (before !== undefined) this.comesAfter(before);
  }

  /** Something of it may be on record. */
  get hasBegun(): boolean {
    return this.turn === undefined;
  }

  /** A claim is on its way to the log. */
  get isClaiming(): boolean {
    return this.claims.busy;
  }

  /** The session that has to be gone from the log before anything of this one is written. */
  comesAfter(before: Ending): void {
    this.turn = new Promise((resolve) => {
      before.letBegin(() => {
        // From then on nothing waits, not for a moment either: the next session's claim would be written before this one's end.
        this.turn = undefined;
        resolve();
      });
    });
  }

  /** `durable` is called when this claim, or a later one, is; never, while it cannot be or once nobody waits. */
  claim(state: ClaimState, durable?: () => void): void {
    this.renouncing = undefined;
    this.claims.set(state, durable);
  }

  /** The connection that waited for claims is over. */
  forgetWaiting(): void {
    this.claims.forgetWaiting();
  }

  outbound(state: OutboundState, durable?: Durable): void {
    this.outbounds.set(state, durable && (() => durable(performance.now())));
  }

  inbound(state: InboundState, durable?: Durable): void {
    this.inbounds.set({ ...state, asOf: this.writer.stamp() }, durable && (() => durable(performance.now())));
  }

  /** A QoS 2 message of the client has its record, or is about to have it. */
  arrived(packetId: number, record: MessageRecord): void {
    this.received.set(packetId, record);
  }

  /** The record could not be written: the client will send it again. */
  departed(packetId: number): void {
    this.received.delete(packetId);
  }

  /**
   * What a subscription's topics retain is on its way: to be told before the claim that has the subscription. Of those that its records name
   * whoever starts next goes on with what is on no record. `id`: that it has there already.
   */
  handingOut(filter: string, walk: RetainedWalk, id = recordId(this.writer.stamp())): RetainedWalk {
    this.handOuts ??= new KeptHandOuts();
    return this.handOuts.add(id, filter, walk);
  }

  /** Asked for, and not begun in this life of the broker. */
  get handOutsToBegin(): readonly RetainedWalk[] {
    return this.handOuts?.notBegun ?? [];
  }

  /** Does the last record name hand-outs? They may be over by now. */
  get namesHandOuts(): boolean {
    return this.saysHandOuts;
  }

  /** The session is over: from now on its records stay as they are, until `end`. */
  close(): void {
    this.over = true;
  }

  /** Nothing of it is left in the log. Resolves when its claim is gone; stays open when the log is closed before. */
  end(): Promise<void> {
    this.close();
    return this.inTurn(() => this.remove());
  }

  /** The claim is gone from the log, all else stays: whoever starts next finds no session. Stays open where `claim` comes before that. */
  renounce(): Promise<void> {
    const attempt = {};
    this.renouncing = attempt;
    const removal = untilAnswered(() => (this.renouncing === attempt ? this.inTurn(() => this.removeClaim()) : undefined));
    return new Promise((resolve) => {
      void removal.then((outcome) => {
        if (outcome?.kind === 'stored') resolve();
      });
    });
  }

  /** As `end`, where another claim has this one's place already, or none: what else there is, is gone at once. */
  endWithoutClaim(): void {
    this.close();
    this.removeState();
    this.releaseReceived();
  }

  /** The claim before all else: whoever starts next and finds it has to find what the session had, and what it received. */
  private async remove(): Promise<void> {
    const answer = await untilAnswered(() => this.removeClaim());
    // Kafka refuses no removal; if it did, the session would be there for good, and what it had as well.
    if (answer?.kind !== 'stored') return new Promise(() => undefined);
    this.removeState();
    this.releaseReceived();
  }

  private removeClaim(): Promise<AppendOutcome> {
    const { key } = this.owner;
    return this.writer.remove(topics.mqttSessions, `session:${key}`, key);
  }

  private releaseReceived(): void {
    for (const record of this.received.values()) this.records.release(record);
    this.received.clear();
  }

  /** Before anything of the client's next session. */
  private removeState(): void {
    const { key } = this.owner;
    void this.writer.remove(topics.mqttSessions, `outbound:${key}`, key);
    void this.writer.remove(topics.mqttSessions, `inbound:${key}`, key);
  }

  private async writeClaim({ expirySeconds, disconnectedAt, subscriptions }: ClaimState): Promise<AppendOutcome | undefined> {
    const { organisation, clientId } = this.owner;
    const handOuts = subscriptions.map(({ subscription }) => this.handOuts?.of(subscription.filter));
    const named = handOuts.filter((each) => each !== undefined);
    this.saysHandOuts = named.length > 0;
    const record: SessionRecord = {
      kind: 'session',
      ...this.writer.stamp(),
      organisation,
      clientId,
      born: { epoch: this.born.epoch, counter: this.born.counter },
      expirySeconds,
      ...(disconnectedAt !== undefined && { disconnectedAt }),
      subscriptions: subscriptions.map((granted, index) => entryOf(granted, handOuts[index])),
    };
    const claimed = this.handOuts?.claim(named);
    const outcome = await this.write(record);
    if (outcome?.kind === 'stored') claimed?.();
    return outcome;
  }

  private writeOutbound({ lastPacketId, lastTaken, inFlight }: OutboundState): Promise<AppendOutcome | undefined> {
    const taken = lastTaken instanceof StoredCopy ? lastTaken : undefined;
    const handingOut = this.handOuts?.ids ?? [];
    this.saysHandOuts = handingOut.length > 0;
    const record: OutboundRecord = {
      kind: 'outbound',
      ...this.writer.stamp(),
      lastPacketId,
      ...(taken !== undefined && { takenUpTo: { message: taken.record.id, copy: taken.index } }),
      inFlight: inFlight.flatMap(({ packetId, message, awaiting }) => {
        const copy = storedCopyOf(message);
        return copy === undefined ? [] : [{ packetId, message: copy.record.id, copy: copy.index, awaiting }];
      }),
      ...(this.saysHandOuts && { handingOut: [...handingOut] }),
    };
    return this.write(record);
  }

  private async writeInbound({ received, arriving, asOf }: DatedInboundState): Promise<AppendOutcome | undefined> {
    // Judged before the write: what arrives meanwhile is none of this state's.
    const unnamed = [...this.received].filter(([packetId]) => !received.includes(packetId) && !arriving.includes(packetId));
    const released = unnamed.filter(([, { stamp }]) => !isLater(stamp, asOf));
    const arrivedSince = unnamed.flatMap(([packetId, { stamp }]) => (isLater(stamp, asOf) ? [packetId] : []));
    const record: InboundRecord = {
      kind: 'inbound',
      ...this.writer.stamp(),
      received: received.map((packetId) => {
        const message = this.received.get(packetId)?.id;
        return { packetId, ...(message !== undefined && { message }) };
      }),
      arriving: [...arriving, ...arrivedSince].flatMap((packetId) => {
        const message = this.received.get(packetId)?.id;
        return message === undefined ? [] : [{ packetId, message }];
      }),
    };
    const outcome = await this.write(record);
    if (outcome?.kind !== 'stored') return outcome;
    for (const [packetId, message] of released) {
      this.received.delete(packetId);
      this.records.release(message);
    }
    return outcome;
  }

  /** Records are stamped in the order in which they are written: what is made out before its turn would count as the earlier one. */
  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    return this.turn === undefined ? step() : this.turn.then(step);
  }

  private async write(record: SessionRecord | OutboundRecord | InboundRecord): Promise<AppendOutcome | undefined> {
    if (this.over) return undefined;
    const { key } = this.owner;
    return this.writer.put(topics.mqttSessions, `${record.kind}:${key}`, key, Buffer.from(JSON.stringify(record)));
  }
}

function entryOf({ subscription, identifier }: GrantedSubscription, handOut?: KeptHandOut): SessionRecord['subscriptions'][number] {
  return { ...subscription, ...(identifier !== undefined && { identifier }), ...(handOut !== undefined && { handOut: handOut.id }) };
}
