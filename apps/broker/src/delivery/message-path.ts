import { topics } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { type Delivery, messageBytes, messageOf, type OutboundMessage, type Publish, type Will } from '@milepost/mqtt';
import type { Bridge } from '../bridge/bridge.js';
import type { Access, Route } from '../clients/access.js';
import type { BrokerMetrics } from '../metrics.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import type { MessageRecords } from '../sessions/message-records.js';
import { HandOverOrder } from './hand-over-order.js';
import { copies, mustBeKept, withoutRecord } from './kept-copies.js';
import type { LocalDelivery } from './local-delivery.js';
import type { RetainedRecords } from './retained-records.js';

/** Records of one message at most, while its receivers change. */
const MAX_ROUNDS = 3;

export interface MessagePathOptions {
  bridge: Bridge;
  delivery: LocalDelivery;
  records: MessageRecords;
  retained: RetainedRecords;
  /** Retained messages of QoS 0 that wait for the log. */
  maxRetainingBytes: number;
  metrics: Pick<BrokerMetrics, 'qos0Dropped' | 'limits' | 'undelivered'>;
}

const NOT_RETAINED: AppendOutcome = { kind: 'withheld', code: 'closed', message: 'What the topic retains is not on record' };

export interface Publisher {
  readonly access: Access;
  /** Undefined: it has ended, and what is published is its client's will. */
  readonly session: BrokerSession | undefined;
}

/** From an authorised message to its subscribers: bridged, put on record for those who must not miss it, retained, handed over. */
export class MessagePath {
  private retainingBytes = 0;
  /**
   * Of all records, in the order of their stamps: a session has on record how far it took them in that order (decision 0010), and one
   * that came to its queue behind a later one would count as taken.
   */
  private readonly handOvers = new HandOverOrder();

  constructor(private readonly options: MessagePathOptions) {}

  /**
   * QoS 1 and 2: resolves when it may be acknowledged: `stored` on every in-sync replica (the place is that in the route's topic), and queued
   * for whom it must reach. `packetId`: of QoS 2, to be remembered with the message.
   */
  store(message: Publish | Will, packetId: number | undefined, route: Route, publisher: Publisher): Promise<AppendOutcome> {
    return new Promise((resolve) => this.put(message, packetId, route, publisher, resolve));
  }

  /** As `store`, for the hot path: one callback, never called from within. */
  put(
    message: Publish | Will,
    packetId: number | undefined,
    route: Route,
    publisher: Publisher,
    onOutcome: (outcome: AppendOutcome) => void,
  ): void {
    if (route.topic === topics.mqttMessages) {
      void this.record(routedMessage(message, route), keptId(packetId, publisher), publisher, undefined).then(onOutcome);
      return;
    }
    this.options.bridge.put(route.topic, message, publisher.access, (bridged) => {
      if (bridged.kind === 'stored') this.distribute(message, packetId, route, publisher, bridged, onOutcome);
      else onOutcome(bridged);
    });
  }

  /** What is in Kafka, to its subscribers. */
  private distribute(
    message: Publish | Will,
    packetId: number | undefined,
    route: Route,
    publisher: Publisher,
    bridged: AppendOutcome,
    onOutcome: (outcome: AppendOutcome) => void,
  ): void {
    const { access, session } = publisher;
    const routed = routedMessage(message, route);
    const kept = keptId(packetId, publisher);
    if (session?.recording === undefined && kept === undefined && !routed.retain) {
      const deliveries = this.options.delivery.match(access.organisation, routed, session);
      if (!deliveries.some(mustBeKept)) {
        hand(deliveries);
        onOutcome(bridged);
        return;
      }
    }
    void this.record(routed, kept, publisher, bridged).then(onOutcome);
  }

  /** May a message of that route, QoS 1 or 2, be taken? Not when it could only be lost again: nothing acknowledged is dropped for want of room. */
  hasRoomFor(route: Route): boolean {
    return route.topic !== topics.mqttMessages || !this.options.records.full;
  }

  /** QoS 0: best effort. */
  async offer(message: Publish | Will, route: Route, { access, session }: Publisher): Promise<void> {
    if (route.topic !== topics.mqttMessages && !(await this.options.bridge.offer(route.topic, message, access))) return;
    const routed = routedMessage(message, route);
    if (routed.retain) this.retainInTurn(access.organisation, routed, session);
    hand(this.options.delivery.match(access.organisation, routed, session));
  }

  /**
   * A shared message of an ended session, to another member of its group.
   * @returns what resolves when it is there, and on record where its new receiver is; undefined: there is no other member.
   */
  passOn(organisation: string, message: OutboundMessage): Promise<void> | undefined {
    const next = this.options.delivery.reassign(organisation, message);
    if (next === undefined) return undefined;
    if (mustBeKept(next)) return this.passOnKept(organisation, next);
    hand([{ client: next.client, message: withoutRecord(next.message) }]);
    return Promise.resolve();
  }

  private async passOnKept(organisation: string, next: Delivery<BrokerSession>): Promise<void> {
    let isThere = true;
    await this.handKept(organisation, next, () => {
      isThere = !next.client.ended;
      return isThere;
    });
    // Its session has ended as well, while the record was written, and could pass on nothing that it did not have yet.
    if (isThere) return;
    const passed = this.passOn(organisation, next.message);
    if (passed === undefined) this.options.metrics.undelivered.inc({ reason: 'session_ended' });
    await passed;
  }

  /**
   * A retained message, to who has just subscribed. What its topic retains by the time that it is on record has gone there too.
   * @returns what resolves when it is handed over; undefined: it is.
   */
  handRetained(session: BrokerSession, message: OutboundMessage): Promise<void> | undefined {
    const { organisation } = session.owner;
    const next = { client: session, message };
    if (mustBeKept(next))
      return this.handKept(organisation, next, () => this.options.delivery.isRetained(organisation, message, performance.now()));
    session.deliver(message);
    return undefined;
  }

  /** A message for one session alone, with a record of its own. */
  private async handKept(organisation: string, next: Delivery<BrokerSession>, isWanted: () => boolean): Promise<void> {
    const { records } = this.options;
    const owner = next.client.owner.key;
    const record = records.begin(owner);
    const turn = this.handOvers.take();
    const receivers = [{ client: owner, message: next.message }];
    try {
      const { kind } = await records.keep(record, { organisation, message: next.message, owner, packetId: undefined, receivers });
      if (kind !== 'stored') {
        this.options.metrics.undelivered.inc({ reason: 'not_recorded' });
        return;
      }
      await turn.come;
      if (isWanted()) hand(copies([next], record));
      else records.release(record);
    } finally {
      turn.done();
    }
  }

  /** A bridged message is safe where its route leads: copies for who is away are what gives way when too much waits. */
  private isTaken(each: Delivery<BrokerSession>): boolean {
    if (!mustBeKept(each) || each.client.connected) return true;
    this.options.metrics.limits.inc({ limit: 'kept_bytes' });
    this.options.metrics.undelivered.inc({ reason: 'kept_full' });
    return false;
  }

  /** Behind what its client published before, though its delivery waits for nothing: the last one that came is the one that stays. */
  private retainInTurn(organisation: string, message: OutboundMessage, session: BrokerSession | undefined): void {
    const bytes = messageBytes(message);
    // Nobody waits for an acknowledgement of it, so nothing else bounds what piles up behind a log that does not answer.
    if (this.retainingBytes + bytes > this.options.maxRetainingBytes) {
      this.options.metrics.qos0Dropped.inc({ reason: 'retained_buffer_full' });
      return;
    }
    this.retainingBytes += bytes;
    const retained = this.inTurn(session?.recording === undefined ? undefined : session, () => this.retain(organisation, message));
    void retained.finally(() => {
      this.retainingBytes -= bytes;
    });
  }

  private retain(organisation: string, message: OutboundMessage): Promise<boolean> {
    this.options.delivery.retain(organisation, message, performance.now());
    return this.options.retained.keep(organisation, message);
  }

  /** Messages of one client that need a record keep their order, and those behind them too. */
  private async inTurn<T>(session: BrokerSession | undefined, step: () => Promise<T>): Promise<T> {
    if (session === undefined) return step();
    const turn = (session.recording ?? Promise.resolve()).catch(() => undefined).then(step);
    session.recording = turn;
    try {
      return await turn;
    } finally {
      if (session.recording === turn) session.recording = undefined;
    }
  }

  /** Written at once, so that the records of one client share a batch; handed over in turn, so that they keep their order. */
  private record(
    message: OutboundMessage,
    packetId: number | undefined,
    { access, session }: Publisher,
    bridged: AppendOutcome | undefined,
  ): Promise<AppendOutcome> {
    const { delivery, records } = this.options;
    const { organisation, key: owner } = access;
    const record = records.begin(owner);
    const turn = this.handOvers.take();
    if (packetId !== undefined) session?.keeper?.arrived(packetId, record);
    const write = (): Round => {
      const { version } = delivery;
      const matched = delivery.match(organisation, message, session);
      const deliveries = bridged !== undefined && records.full ? matched.filter((each) => this.isTaken(each)) : matched;
      const receivers = deliveries.filter(mustBeKept).map(({ client, message: copy }) => ({ client: client.owner.key, message: copy }));
      // One that is on record is written again for nobody too: it is removed then.
      const isKept = receivers.length > 0 || packetId !== undefined || bridged === undefined || record.durable;
      const stored = isKept ? records.keep(record, { organisation, message, owner, packetId, receivers }) : Promise.resolve(bridged);
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
        if (outcome.kind !== 'stored') return giveUp({ ...outcome, kind: 'withheld', code: 'closed' });
        await turn.come;
        if (delivery.version === round.version || rounds === MAX_ROUNDS) break;
        round = write();
      }
      const late = delivery.version === round.version ? [] : this.latecomers(organisation, message, session, round);
      if (message.retain && !(await this.retain(organisation, message))) return giveUp(NOT_RETAINED);
      hand(copies(round.deliveries, record));
      hand(late);
      records.settle(record);
      return bridged ?? outcome;
    };
    return this.inTurn(session, handOver).finally(() => turn.done());
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

/** One writing of a message's record, for those who had subscribed by then. */
interface Round {
  /** Of the subscriptions. */
  readonly version: number;
  readonly deliveries: readonly Delivery<BrokerSession>[];
  readonly stored: Promise<AppendOutcome>;
}

/** The packet id to be remembered with the message: of a session that is kept. */
function keptId(packetId: number | undefined, { session }: Publisher): number | undefined {
  return session?.keeper === undefined ? undefined : packetId;
}

function hand(deliveries: readonly Delivery<BrokerSession>[]): void {
  for (const { client, message } of deliveries) client.deliver(message);
}

function routedMessage(message: Publish | Will, { retainable }: Route): OutboundMessage {
  const routed = messageOf(message, performance.now());
  return routed.retain && !retainable ? { ...routed, retain: false } : routed;
}
