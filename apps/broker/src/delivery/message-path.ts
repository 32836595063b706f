import { topics } from '@milepost/contracts';
import type { AppendOutcome, OutcomeReceiver } from '@milepost/kafka';
import { type Delivery, type OutboundMessage, type Publish, type Will, withOwnBytes } from '@milepost/mqtt';
import type { Bridge } from '../bridge/bridge.js';
import type { Route } from '../clients/access.js';
import type { BrokerMetrics } from '../metrics.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import type { MessageRecords, MessageToKeep } from '../sessions/message-records.js';
import { copies, mustBeKept, namedSession, receiverOf } from './kept-copies.js';
import type { HandOverOrder } from './order/hand-over-order.js';
import { inTurn } from './order/in-turn.js';
import { Passage } from './order/passage.js';
import type { PublishedWill, Publisher } from './publisher.js';
import type { Retaining } from './retained/retaining.js';
import { routedMessage } from './routed-message.js';
import type { SingleCopies } from './single-copies.js';
import type { LocalDelivery } from './subscribers/local-delivery.js';

/** Records of one message at most, while its receivers change. */
const MAX_ROUNDS = 3;

export interface MessagePathOptions {
  bridge: Bridge;
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

/** From an authorised message to its subscribers: bridged, put on record for those who must not miss it, retained, handed over. */
export class MessagePath {
  constructor(private readonly options: MessagePathOptions) {}

  /**
   * QoS 1 and 2: answered when it may be acknowledged: `stored` on every in-sync replica (the place is that in the route's topic), and
   * queued for whom it must reach; never from within. `packetId`: of QoS 2, to be remembered with the message.
   */
  put(message: Publish, packetId: number | undefined, route: Route, publisher: Publisher, receiver: OutcomeReceiver): void {
    if (route.topic === topics.mqttMessages)
      this.recordFor(receiver, routedMessage(message, route), keptId(packetId, publisher), publisher, undefined);
    else
      this.options.bridge.put(
        route.topic,
        message,
        publisher.access,
        new BridgedPublish(this, message, packetId, route, publisher, receiver),
      );
  }

  /**
   * A will, of any QoS: as `put`. Its message stays on record until the will is gone from there: whoever starts after a crash
   * knows by it that the will has been published.
   */
  async putWill(message: Will, route: Route, publisher: Publisher, will: PublishedWill): Promise<AppendOutcome> {
    const { bridge } = this.options;
    const bridged = route.topic === topics.mqttMessages ? undefined : await bridge.store(route.topic, message, publisher.access);
    if (bridged !== undefined && bridged.kind !== 'stored') return bridged;
    return this.record(routedMessage(message, route), undefined, publisher, bridged, will);
  }

  /** What is in Kafka, to its subscribers. */
  distribute(
    message: Publish,
    packetId: number | undefined,
    route: Route,
    publisher: Publisher,
    bridged: AppendOutcome,
    receiver: OutcomeReceiver,
  ): void {
    const { access, session, audience } = publisher;
    const { delivery } = this.options;
    const kept = keptId(packetId, publisher);
    const isRecorded = session?.recording !== undefined || kept !== undefined || (message.retain && route.retainable);
    if (!isRecorded && audience?.exists(delivery, access.organisation, message.topic) === false) {
      receiver.settled(bridged);
      return;
    }
    const routed = routedMessage(message, route);
    if (!isRecorded) {
      const deliveries = delivery.match(access.organisation, routed, session);
      if (!deliveries.some(mustBeKept)) {
        hand(deliveries);
        receiver.settled(bridged);
        return;
      }
    }
    this.recordFor(receiver, routed, kept, publisher, bridged);
  }

  /** May a message of that route, QoS 1 or 2, be taken? Not when it could only be lost again: nothing acknowledged is dropped for want of room. */
  hasRoomFor(route: Route): boolean {
    return route.topic !== topics.mqttMessages || !this.options.records.full;
  }

  /** QoS 0: best effort. */
  async offer(message: Publish, route: Route, { access, session }: Publisher): Promise<void> {
    if (route.topic !== topics.mqttMessages && !(await this.options.bridge.offer(route.topic, message, access))) return;
    const routed = routedMessage(message, route);
    if (routed.retain) this.options.retaining.retainInTurn(access.organisation, routed, session);
    hand(this.options.delivery.match(access.organisation, routed, session));
  }

  private recordFor(
    receiver: OutcomeReceiver,
    message: OutboundMessage,
    packetId: number | undefined,
    publisher: Publisher,
    bridged: AppendOutcome | undefined,
  ): void {
    void this.record(message, packetId, publisher, bridged).then((outcome) => receiver.settled(outcome));
  }

  /** A bridged message is safe where its route leads: copies for who is away are what gives way when too much waits. */
  private isTaken(each: Delivery<BrokerSession>): boolean {
    if (!mustBeKept(each) || each.client.connected) return true;
    this.options.metrics.limits.inc({ limit: 'kept_bytes' });
    this.options.metrics.undelivered.inc({ reason: 'kept_full' });
    return false;
  }

  /** Written at once, so that the records of one client share a batch; handed over in turn, so that they keep their order. */
  private record(
    arrived: OutboundMessage,
    packetId: number | undefined,
    { access, session }: Publisher,
    bridged: AppendOutcome | undefined,
    will?: PublishedWill,
  ): Promise<AppendOutcome> {
    const { delivery, records, retaining, handOvers } = this.options;
    const { organisation, key: owner } = access;
    const message = withOwnBytes(arrived);
    const record = records.begin(owner);
    const turn = handOvers.take();
    const passage = new Passage();
    if (packetId !== undefined) session?.keeper?.arrived(packetId, record);
    const write = (): Round => {
      const { version } = delivery;
      const matched = delivery.match(organisation, message, session);
      const deliveries = bridged !== undefined && records.full ? matched.filter((each) => this.isTaken(each)) : matched;
      const kept = deliveries.filter(mustBeKept);
      for (const { client, message: copy } of kept) if (copy.share !== undefined) client.expect(passage.over);
      const receivers = kept.map(receiverOf);
      // One that is on record is written again for nobody too: it is removed then.
      const isKept = receivers.length > 0 || packetId !== undefined || bridged === undefined || will !== undefined || record.durable;
      const stored = isKept
        ? records.keep(record, {
            organisation,
            message,
            owner,
            packetId,
            session: session && namedSession(session),
            ...markOf(will),
            receivers,
          })
        : Promise.resolve(bridged);
      return { version, deliveries, stored };
    };
    // The client sends it again, as another message.
    const giveUp = (outcome: AppendOutcome): AppendOutcome => {
      if (packetId !== undefined) session?.keeper?.departed(packetId);
      records.abandon(record);
      return outcome;
    };
    const first = write();
    const handOver = async (): Promise<AppendOutcome> => {
      let round = first;
      let outcome: AppendOutcome;
      // Again when somebody has subscribed meanwhile: a later record of the same key has them all. Not for ever: in a storm somebody always does.
      for (let rounds = 1; ; rounds++) {
        outcome = await round.stored;
        if (outcome.kind === 'withheld') return giveUp({ ...outcome, code: 'closed' });
        await turn.come;
        if (outcome.kind === 'refused') return this.goWithoutRecord(organisation, message, round, bridged, giveUp(outcome), will);
        if (delivery.version === round.version || rounds === MAX_ROUNDS) break;
        round = write();
      }
      const late = delivery.version === round.version ? [] : this.latecomers(organisation, message, session, round);
      const notRetained = message.retain ? await retaining.retain(organisation, message) : undefined;
      if (notRetained !== undefined) return giveUp(notRetained);
      passage.goesOn(this.handOrPass(organisation, copies(round.deliveries, record)));
      hand(late);
      records.settle(record);
      // Nothing that is published waits for it: until it is through, whoever starts next finds both.
      if (will !== undefined)
        void will.forget().then((gone) => {
          if (gone) records.release(record);
        });
      return bridged ?? outcome;
    };
    return inTurn(session, handOver).finally(() => {
      turn.done();
      passage.end();
    });
  }

  /** The log will never take its record. What is bridged is safe all the same, and must not keep its client sending it for ever. */
  private async goWithoutRecord(
    organisation: string,
    message: OutboundMessage,
    { deliveries }: Round,
    bridged: AppendOutcome | undefined,
    refused: AppendOutcome,
    will: PublishedWill | undefined,
  ): Promise<AppendOutcome> {
    void will?.forget();
    if (bridged === undefined) return refused;
    const notRetained = message.retain ? await this.options.retaining.retain(organisation, message) : undefined;
    if (notRetained !== undefined) return notRetained;
    for (const each of deliveries)
      if (mustBeKept(each) && !each.client.connected) this.options.metrics.undelivered.inc({ reason: 'not_recorded' });
      else each.client.deliver(each.message);
    return bridged;
  }

  /** A shared copy whose member has ended meanwhile goes to another. @returns what resolves when those are there. */
  private handOrPass(organisation: string, deliveries: readonly Delivery<BrokerSession>[]): Promise<unknown> | undefined {
    const passing: Promise<void>[] = [];
    for (const { client, message } of deliveries) {
      const passed =
        message.share !== undefined && client.ended ? this.options.single.leave(organisation, message) : client.deliver(message);
      if (passed !== undefined) passing.push(passed);
    }
    return passing.length === 0 ? undefined : Promise.all(passing);
  }

  /**
   * Who has subscribed while a message was recorded for the last time. Their copies are on no record: one of its own would be the later
   * one of messages that come after this, and these would count as taken with it. Of a shared subscription somebody has it already.
   */
  private latecomers(
    organisation: string,
    message: OutboundMessage,
    publisher: BrokerSession | undefined,
    { deliveries }: Round,
  ): Delivery<BrokerSession>[] {
    const reached = new Set(deliveries.map(({ client }) => client));
    const matched = this.options.delivery.match(organisation, message, publisher);
    return matched.filter(({ client, message: copy }) => copy.share === undefined && !reached.has(client));
  }
}

/** A publish between its place in Kafka and its subscribers. */
class BridgedPublish implements OutcomeReceiver {
  constructor(
    private readonly path: MessagePath,
    private readonly message: Publish,
    private readonly packetId: number | undefined,
    private readonly route: Route,
    private readonly publisher: Publisher,
    private readonly receiver: OutcomeReceiver,
  ) {}

  settled(bridged: AppendOutcome): void {
    if (bridged.kind === 'stored') this.path.distribute(this.message, this.packetId, this.route, this.publisher, bridged, this.receiver);
    else this.receiver.settled(bridged);
  }
}

/** One writing of a message's record, for those who had subscribed by then. */
interface Round {
  /** Of the subscriptions. */
  readonly version: number;
  readonly deliveries: readonly Delivery<BrokerSession>[];
  readonly stored: Promise<AppendOutcome>;
}

/** The packet id to be remembered with the message: of a session that is kept, and has not ended meanwhile. */
function keptId(packetId: number | undefined, { session }: Publisher): number | undefined {
  return session?.keeper === undefined || session.ended ? undefined : packetId;
}

function markOf(will: PublishedWill | undefined): Pick<MessageToKeep, 'will'> {
  return will === undefined ? {} : { will: { client: will.client, id: will.id } };
}

function hand(deliveries: readonly Delivery<BrokerSession>[]): void {
  for (const { client, message } of deliveries) client.deliver(message);
}
