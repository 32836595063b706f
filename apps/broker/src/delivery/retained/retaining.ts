import { topics } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { messageBytes, messageOf, type OutboundMessage, type Will } from '@milepost/mqtt';
import type { Access } from '../../clients/access.js';
import { untilAnswered } from '../../log/until-answered.js';
import type { BrokerMetrics } from '../../metrics.js';
import type { RetainedRecords } from '../../records/retained-records.js';
import type { BrokerSession } from '../../sessions/broker-session.js';
import type { HandOverOrder } from '../order/hand-over-order.js';
import { inTurn } from '../order/in-turn.js';
import type { LocalDelivery } from '../subscribers/local-delivery.js';
import { UnsettledRetained } from './unsettled-retained.js';

export interface RetainingOptions {
  delivery: LocalDelivery;
  records: RetainedRecords;
  handOvers: HandOverOrder;
  /** Retained messages of QoS 0 that wait for the log. */
  maxWaitingBytes: number;
  metrics: Pick<BrokerMetrics, 'qos0Dropped'>;
}

/** What topics retain: for whoever subscribes from now on, and on record for the next life (MQTT 5.0 §3.3.1.3). */
export class Retaining {
  private waitingBytes = 0;
  private readonly unsettled = new UnsettledRetained();

  constructor(private readonly options: RetainingOptions) {}

  /** Does its record fit? Kafka would refuse it for ever. */
  fits(organisation: string, message: OutboundMessage): boolean {
    return this.options.records.fits(organisation, message);
  }

  /** Is there room for one more topic, or does this one retain something already, and is it no deeper than a filter may be? */
  hasRoomFor(organisation: string, message: OutboundMessage, nowMs: number): boolean {
    return this.options.delivery.hasRoomFor(message, organisation, nowMs);
  }

  /** Likewise for a will, before its CONNECT is accepted: nobody is there to be told when it is published. */
  hasRoomForWill(access: Pick<Access, 'organisation' | 'routeOf'>, will: Will, nowMs: number): boolean {
    const route = access.routeOf(will.topic);
    // A vehicle's will has one topic that is retained, and no vehicle stays away because of what others retain.
    if (!will.retain || route?.retainable !== true || route.topic !== topics.mqttMessages) return true;
    return this.hasRoomFor(access.organisation, messageOf(will, nowMs), nowMs);
  }

  /**
   * It is what its topic retains from now on, whatever the limits: who published it was promised that. If the log refuses it, what the log has instead is again.
   * `of`: its record, as others name it, where it has one of its own.
   * @returns why it is not on record, `refused` when it never will be; undefined: it is.
   */
  async retain(organisation: string, message: OutboundMessage, of?: string): Promise<AppendOutcome | undefined> {
    const { delivery, records } = this.options;
    const now = performance.now();
    const number = this.unsettled.begin(organisation, message, delivery.retainedOn(organisation, message.topic, now));
    delivery.retain(organisation, message, now);
    const outcome = await records.keep(organisation, message, of);
    // What is withheld may be in the log or not, and comes again.
    const changed = this.unsettled.settle(organisation, message, number, outcome.kind !== 'refused');
    if (changed !== undefined) this.putBack(organisation, message, changed.now);
    return outcome.kind === 'stored' ? undefined : outcome;
  }

  /** As `retain`, and waits for room. @returns why it never will be on record; undefined: it is, or something else came for the topic before it could. */
  untilRetained(organisation: string, message: OutboundMessage, of?: string): Promise<AppendOutcome | undefined> {
    let isFirst = true;
    return untilAnswered(() => {
      if (!isFirst && !this.isRetained(organisation, message)) return undefined;
      isFirst = false;
      return this.retain(organisation, message, of);
    });
  }

  /** QoS 0. Behind what its client published before, though its delivery waits for nothing: the last one that came is the one that stays. */
  retainInTurn(organisation: string, message: OutboundMessage, session: BrokerSession | undefined): void {
    const bytes = messageBytes(message);
    // Nobody waits for an acknowledgement of it, so nothing else bounds what piles up behind a log that does not answer.
    if (this.waitingBytes + bytes > this.options.maxWaitingBytes) {
      this.options.metrics.qos0Dropped.inc({ reason: 'retained_buffer_full' });
      return;
    }
    this.waitingBytes += bytes;
    const retained = inTurn(session?.recording === undefined ? undefined : session, () => this.retainIfRoom(organisation, message));
    void retained.then((notRecorded) => {
      this.waitingBytes -= bytes;
      // Withheld, it is retained all the same, for as long as this process lives.
      if (notRecorded !== undefined) this.options.metrics.qos0Dropped.inc({ reason: `retained_${notRecorded.kind}` });
    });
  }

  /** What came before it may have taken its room, and of QoS 0 nothing is promised. */
  private async retainIfRoom(organisation: string, message: OutboundMessage): Promise<AppendOutcome | { kind: 'full' } | undefined> {
    return this.hasRoomFor(organisation, message, performance.now()) ? this.retain(organisation, message) : { kind: 'full' };
  }

  /**
   * What these topics retained has expired and goes off the record, unless there is something else by now. As of now and in its turn: of a
   * message that is on record already, whoever starts next must see that its topic does not retain it yet.
   */
  async expired(organisation: string, topics: readonly string[]): Promise<void> {
    const { delivery, records, handOvers } = this.options;
    const asOf = records.now();
    const turn = handOvers.take();
    await turn.come;
    const now = performance.now();
    for (const topic of topics) if (delivery.retainedOn(organisation, topic, now) === undefined) records.expired(organisation, topic, asOf);
    turn.done();
  }

  /** Or has something else come since? */
  private isRetained(organisation: string, { topic, payload }: OutboundMessage): boolean {
    const retained = this.options.delivery.retainedOn(organisation, topic, performance.now())?.payload;
    return retained === undefined ? payload.length === 0 : retained === payload;
  }

  private putBack(organisation: string, refused: OutboundMessage, recorded: OutboundMessage | undefined): void {
    const { delivery } = this.options;
    if (recorded === undefined || recorded.payload.length === 0)
      delivery.retain(organisation, { ...refused, payload: NOTHING }, performance.now());
    else delivery.restoreRetained(organisation, recorded);
  }
}

/** An empty payload removes what a topic retains (MQTT-3.3.1-6). */
const NOTHING = Buffer.alloc(0);
