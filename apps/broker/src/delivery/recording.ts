import type { AppendOutcome } from '@milepost/kafka';
import { type Delivery, type OutboundMessage, withOwnBytes } from '@milepost/mqtt';
import { isLater } from '../log/stamp.js';
import type { BrokerMetrics } from '../metrics.js';
import type { MessageRecord } from '../records/message-record.js';
import type { KeptReceiver, MessageRecords } from '../records/message-records.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import { copies, mustBeKept, namedSession, receiverOf, withBytesOf } from './kept-copies.js';
import { behindParts } from './order/behind-parts.js';
import type { HandOverOrder, HandOverTurn } from './order/hand-over-order.js';
import { inLine } from './order/in-line.js';
import { inTurn } from './order/in-turn.js';
import { Passage } from './order/passage.js';
import type { PublishedWill, Publisher } from './publisher.js';
import type { Retaining } from './retained/retaining.js';
import type { SingleCopies } from './single-copies.js';
import type { LocalDelivery } from './subscribers/local-delivery.js';

/** Records of one message at most, while its receivers change. */
const MAX_ROUNDS = 3;

export interface RecordingParts {
  delivery: LocalDelivery;
  records: MessageRecords;
  retaining: Retaining;
  /**
   * Of all records, in the order of their stamps: a session has on record how far it took them in that order (decision 0010), and one
   * that came to its queue behind a later one would count as taken.
   */
  handOvers: HandOverOrder;
  single: SingleCopies;
  metrics: Pick<BrokerMetrics, 'limits' | 'undelivered'>;
}

/** A message that is to go on record. */
export interface Arrival {
  readonly message: OutboundMessage;
  readonly publisher: Publisher;
  /** To be remembered with it. */
  readonly packetId?: number | undefined;
  /** Where its route led, unless that is the record itself. */
  readonly bridged?: AppendOutcome | undefined;
  readonly will?: PublishedWill;
  /** Who gets it, where that was just looked up: to match again would take another turn of each shared subscription. */
  readonly deliveries?: readonly Delivery<BrokerSession>[];
}

/** One writing of a message's record, for those who had subscribed by then. */
interface Round {
  /** Of all subscriptions. */
  readonly version: number;
  /** Those to the message's topic. */
  readonly subscribed: readonly object[];
  readonly deliveries: readonly Delivery<BrokerSession>[];
  readonly stored: Promise<AppendOutcome>;
}

/**
 * A message that goes on record before its subscribers get it. Written at once, so that the records of one client share a batch; handed
 * over in turn, so that they keep their order.
 */
export class Recording {
  private readonly message: OutboundMessage;
  private readonly publisher: Publisher;
  private readonly packetId: number | undefined;
  private readonly bridged: AppendOutcome | undefined;
  private readonly will: PublishedWill | undefined;
  private readonly organisation: string;
  private readonly record: MessageRecord;
  private readonly turn: HandOverTurn;
  private readonly passage = new Passage();
  private round: Round;
  /** Set when it is given up: resolves when it is off the record. */
  private gone: Promise<unknown> | undefined;

  constructor(
    private readonly parts: RecordingParts,
    { message, publisher, packetId, bridged, will, deliveries }: Arrival,
  ) {
    const { access, session } = publisher;
    this.message = withOwnBytes(message);
    this.publisher = publisher;
    this.packetId = packetId;
    this.bridged = bridged;
    this.will = will;
    this.organisation = access.organisation;
    this.record = parts.records.begin(access.key);
    this.turn = parts.handOvers.take();
    if (packetId !== undefined) session?.keeper?.arrived(packetId, this.record);
    this.round = this.write(deliveries === undefined || this.message === message ? deliveries : withBytesOf(this.message, deliveries));
  }

  /** @returns what its publisher may be told, once it is in the queues or given up. */
  handedOver(): Promise<AppendOutcome> {
    return inTurn(this.publisher.session, () => this.handOver()).finally(async () => {
      // Whoever took a later one has it behind him on record: a start that found this one would not hand it to him.
      await this.gone;
      this.turn.done();
      this.passage.end();
    });
  }

  private async handOver(): Promise<AppendOutcome> {
    const { retaining } = this.parts;
    let outcome: AppendOutcome;
    // Again when somebody has subscribed meanwhile: a later record of the same key has them all. Not for ever: in a storm somebody always does.
    for (let rounds = 1; ; rounds++) {
      outcome = await this.round.stored;
      if (this.isBehindGivenUp) outcome = GIVEN_UP;
      if (outcome.kind === 'withheld') return this.giveUp(outcome);
      await this.turn.come;
      if (outcome.kind === 'refused') return this.goWithoutRecord(this.giveUp(outcome));
      if (!this.hasOtherSubscribers() || rounds === MAX_ROUNDS) break;
      this.round = this.write(undefined, true);
    }
    const late = this.hasOtherSubscribers() ? this.latecomers() : [];
    const notRetained = this.message.retain ? await retaining.untilRetained(this.organisation, this.message, this.record.id) : undefined;
    if (notRetained !== undefined) return this.giveUp(notRetained);
    this.passage.goesOn(this.handOrPass(copies(this.round.deliveries, this.record)));
    for (const { client, message } of late) client.deliver(message);
    this.parts.records.settle(this.record);
    this.forgetWill();
    return this.bridged ?? outcome;
  }

  /** Than when it was written last. Who subscribes to other topics meanwhile is no reason to write it again. */
  private hasOtherSubscribers(): boolean {
    const { delivery } = this.parts;
    const { version, subscribed } = this.round;
    if (delivery.version === version) return false;
    const now = delivery.subscribedTo(this.organisation, this.message.topic);
    return now.length !== subscribed.length || now.some((each, index) => each !== subscribed[index]);
  }

  /** @param found as of `Arrival`. @param isAgain its turn has come, so that it is for who subscribed meanwhile. */
  private write(found?: readonly Delivery<BrokerSession>[], isAgain = false): Round {
    const { delivery, records } = this.parts;
    const { version } = delivery;
    const subscribed = delivery.subscribedTo(this.organisation, this.message.topic);
    const matched = found ?? delivery.match(this.organisation, this.message, this.publisher.session);
    const deliveries = this.bridged !== undefined && records.full ? matched.filter((each) => this.isTaken(each)) : matched;
    const kept = deliveries.filter(mustBeKept);
    for (const { client, message: copy } of kept) if (copy.share !== undefined) client.expect(this.passage.over);
    const receivers = kept.map((each) => receiverOf(each, this.record));
    return { version, subscribed, deliveries, stored: this.stored(receivers, isAgain) };
  }

  private stored(receivers: readonly KeptReceiver[], isAgain: boolean): Promise<AppendOutcome> {
    const { rounds } = this.record;
    return behindParts(this.publisher.session, {
      isAgain,
      write: () => this.storedInLine(receivers),
      isDivided: () => this.record.rounds > rounds,
    });
  }

  private async storedInLine(receivers: readonly KeptReceiver[]): Promise<AppendOutcome> {
    const put = () => this.putOnRecord(receivers);
    // What is somewhere already waits for room, and what comes behind it as well: sent again by its client, it would be there twice.
    if (this.bridged !== undefined || this.record.durable) return inLine(this.publisher.session, put);
    // Nor is it written: whoever started then would hand it over.
    if (this.isBehindGivenUp) return GIVEN_UP;
    const outcome = await put();
    if (outcome.kind === 'withheld') this.noteGivenUp();
    return outcome;
  }

  /** What is bridged, and nobody must be kept for, needs no record. */
  private putOnRecord(receivers: readonly KeptReceiver[]): Promise<AppendOutcome> {
    const { bridged, packetId, will, record, organisation, message } = this;
    const { access, session } = this.publisher;
    // One that is on record is written again for nobody too: it is removed then.
    const isNeeded = receivers.length > 0 || packetId !== undefined || will !== undefined || record.durable;
    if (bridged !== undefined && !isNeeded) return Promise.resolve(bridged);
    return this.parts.records.keep(record, {
      organisation,
      message,
      owner: access.key,
      packetId,
      session: session && namedSession(session, record),
      ...(will !== undefined && { will: { client: will.client, id: will.id } }),
      receivers,
    });
  }

  /** A bridged message is safe where its route leads: copies for who is away are what gives way when too much waits. */
  private isTaken(each: Delivery<BrokerSession>): boolean {
    if (!mustBeKept(each) || each.client.connected) return true;
    this.parts.metrics.limits.inc({ limit: 'kept_bytes' });
    this.parts.metrics.undelivered.inc({ reason: 'kept_full' });
    return false;
  }

  /** The client sends it again, as another message, and not before this one is off the record: whoever started in between had both. */
  private giveUp(outcome: AppendOutcome): AppendOutcome {
    const depart = () => {
      if (this.packetId !== undefined) this.publisher.session?.keeper?.departed(this.packetId);
    };
    const gone = this.parts.records.abandon(this.record);
    if (gone === undefined) depart();
    else this.gone = gone.then(depart);
    return outcome;
  }

  private get isBehindGivenUp(): boolean {
    const { gaveUp } = this.publisher;
    return gaveUp !== undefined && isLater(this.record.stamp, gaveUp);
  }

  private noteGivenUp(): void {
    // A will is tried again until there is room.
    if (this.will === undefined && !this.isBehindGivenUp) this.publisher.gaveUp = this.record.stamp;
  }

  /** The log will never take its record. What is bridged is safe all the same, and must not keep its client sending it for ever. */
  private async goWithoutRecord(refused: AppendOutcome): Promise<AppendOutcome> {
    const { organisation, message, bridged } = this;
    const { retaining, metrics } = this.parts;
    if (bridged === undefined) return refused;
    const notRetained = message.retain ? await retaining.untilRetained(organisation, message) : undefined;
    if (notRetained !== undefined) return notRetained;
    for (const each of this.round.deliveries)
      if (mustBeKept(each) && !each.client.connected) metrics.undelivered.inc({ reason: 'not_recorded' });
      else each.client.deliver(each.message);
    void this.will?.forget();
    return bridged;
  }

  /** A shared copy whose member has ended meanwhile goes to another. @returns what resolves when those are there. */
  private handOrPass(deliveries: readonly Delivery<BrokerSession>[]): Promise<unknown> | undefined {
    const passing: Promise<void>[] = [];
    for (const { client, message } of deliveries) {
      const passed = message.share !== undefined && client.ended ? this.parts.single.leave(client, message) : client.deliver(message);
      if (passed !== undefined) passing.push(passed);
    }
    return passing.length === 0 ? undefined : Promise.all(passing);
  }

  /**
   * Who has subscribed while a message was recorded for the last time. Their copies are on no record: one of its own would be the later
   * one of messages that come after this, and these would count as taken with it. Of a shared subscription somebody has it already.
   */
  private latecomers(): Delivery<BrokerSession>[] {
    const reached = new Set(this.round.deliveries.map(({ client }) => client));
    const matched = this.parts.delivery.match(this.organisation, this.message, this.publisher.session);
    return matched.filter(({ client, message: copy }) => copy.share === undefined && !reached.has(client));
  }

  /** Nothing that is published waits for it: until it is through, whoever starts next finds both. */
  private forgetWill(): void {
    const { will, record } = this;
    if (will === undefined) return;
    void will.forget().then((gone) => {
      if (gone) this.parts.records.release(record);
    });
  }
}

const GIVEN_UP: AppendOutcome = { kind: 'withheld', code: 'buffer_full', message: 'There was no room for a message of the client before' };
