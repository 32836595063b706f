import type { AppendOutcome } from '@milepost/kafka';
import type { Delivery, OutboundMessage } from '@milepost/mqtt';
import { untilAnswered } from '../log/until-answered.js';
import type { BrokerMetrics } from '../metrics.js';
import { storedCopyOf } from '../records/message-record.js';
import type { MessageRecords } from '../records/message-records.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import { copies, mustBeKept, receiverOf, withoutRecord } from './kept-copies.js';
import type { HandOverOrder } from './order/hand-over-order.js';
import type { HandOutReceiver, RetainedWalk } from './subscribers/hand-out.js';
import type { KeptHandOut } from './subscribers/kept-hand-out.js';
import type { LocalDelivery } from './subscribers/local-delivery.js';

export interface SingleCopiesOptions {
  delivery: LocalDelivery;
  records: MessageRecords;
  /** Shared with the messages that go to many. */
  handOvers: HandOverOrder;
  metrics: Pick<BrokerMetrics, 'undelivered'>;
}

/** Messages for one session alone, each with a record of its own: what a topic retains, and what an ended session leaves to another. */
export class SingleCopies {
  constructor(private readonly options: SingleCopiesOptions) {}

  /**
   * What an ended session leaves behind: a shared message goes to another member of its group, the rest is dropped (MQTT-4.8.2-4, -5).
   * @returns what resolves when it is there, and on record where its new receiver is; undefined: it is dropped.
   */
  leave(session: BrokerSession, message: OutboundMessage): Promise<void> | undefined {
    const copy = storedCopyOf(message);
    const release = () => {
      if (copy !== undefined) this.options.records.release(copy.record);
    };
    const passed = message.share === undefined ? undefined : this.passOn(session.owner.organisation, message);
    if (passed !== undefined) return passed.then(release);
    this.options.metrics.undelivered.inc({ reason: 'session_ended' });
    session.whenGone(release);
    return undefined;
  }

  /** For retained messages, to who has just subscribed. What a topic retains by the time that one is on record has gone there too. */
  retainedReceiver(session: BrokerSession): HandOutReceiver {
    const { organisation } = session.owner;
    return {
      get turns() {
        return session.handOutRoom.turns;
      },
      hand: (message, walk) => {
        const next = { client: session, message };
        if (mustBeKept(next)) session.handOutRoom.expect(message, this.handRetainedKept(organisation, next, walk));
        else session.deliver(message);
      },
      wait: (message, stands) => session.handOutRoom.wait(message, stands),
      isRetained: (message) => this.options.delivery.isRetained(organisation, message, performance.now()),
    };
  }

  private async handRetainedKept(organisation: string, next: Delivery<BrokerSession>, { stands, kept }: RetainedWalk): Promise<void> {
    const isWanted = () => stands() && this.options.delivery.isRetained(organisation, next.message, performance.now());
    kept?.expect();
    // Nobody publishes it again for this subscriber, so it waits for room as long as it takes.
    const answer = await untilAnswered(() =>
      isWanted() && !next.client.ended ? this.handKept(organisation, next, isWanted, kept) : undefined,
    );
    if (answer?.kind === 'refused') this.options.metrics.undelivered.inc({ reason: 'not_recorded' });
    if (answer?.kind !== 'stored') kept?.settled();
  }

  private passOn(organisation: string, message: OutboundMessage): Promise<void> | undefined {
    const next = this.options.delivery.reassign(organisation, message);
    if (next === undefined) return undefined;
    if (mustBeKept(next)) return this.passOnKept(organisation, next);
    next.client.deliver(withoutRecord(next.message));
    return Promise.resolve();
  }

  /** Acknowledged as it is, it waits for room in the log as long as it takes: until then it is on record with the session that had it. */
  private async passOnKept(organisation: string, next: Delivery<BrokerSession>): Promise<void> {
    let isThere = true;
    const isWanted = () => {
      isThere = !next.client.ended;
      return isThere;
    };
    const answer = await untilAnswered(() => (isWanted() ? this.handKept(organisation, next, isWanted) : undefined));
    if (answer?.kind === 'refused') this.options.metrics.undelivered.inc({ reason: 'not_recorded' });
    // Its session has ended as well, while the record was written or had no room, and could pass on nothing that it did not have yet.
    if (isThere) return;
    const passed = this.passOn(organisation, next.message);
    if (passed === undefined) this.options.metrics.undelivered.inc({ reason: 'session_ended' });
    await passed;
  }

  private async handKept(
    organisation: string,
    next: Delivery<BrokerSession>,
    isWanted: () => boolean,
    handOut?: KeptHandOut,
  ): Promise<AppendOutcome> {
    const { records, handOvers } = this.options;
    const owner = next.client.owner.key;
    const record = records.begin(owner);
    const turn = handOvers.take();
    const receivers = [{ ...receiverOf(next, record), handOut: handOut?.id }];
    try {
      const { message } = next;
      const kept = { organisation, message, owner, packetId: undefined, passedOn: storedCopyOf(message), receivers };
      const outcome = await records.keep(record, kept);
      if (outcome.kind !== 'stored') return outcome;
      await turn.come;
      handOut?.settled();
      if (isWanted()) for (const { client, message: copy } of copies([next], record)) client.deliver(copy);
      else records.release(record);
      return outcome;
    } finally {
      turn.done();
    }
  }
}
