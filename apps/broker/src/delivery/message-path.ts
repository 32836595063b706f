import { topics } from '@milepost/contracts';
import { type AppendOutcome, type OutcomeReceiver, placeOf, type RunReceiver } from '@milepost/kafka';
import type { Delivery, Publish, PublishToken, Will } from '@milepost/mqtt';
import type { Bridge } from '../bridge/bridge.js';
import type { Route } from '../clients/access.js';
import { untilAnswered } from '../log/until-answered.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import { mustBeKept } from './kept-copies.js';
import type { PublishRun } from './publish-run.js';
import type { PublishedWill, Publisher } from './publisher.js';
import { type Arrival, Recording, type RecordingParts } from './recording.js';
import { routedMessage } from './routed-message.js';

export interface MessagePathOptions extends RecordingParts {
  bridge: Bridge;
}

/** From an authorised message to its subscribers: bridged, put on record for those who must not miss it, retained, handed over. */
export class MessagePath {
  constructor(private readonly options: MessagePathOptions) {}

  /**
   * QoS 1 and 2: settled when it may be acknowledged: `stored` on every in-sync replica (the place is that in the route's topic), and
   * queued for whom it must reach; never from within.
   */
  put(run: PublishRun): void {
    const { tokens, first, route, publisher, receivedAt } = run;
    if (route.topic === topics.mqttMessages)
      this.recordFor(ofOne(run, 0), { message: routedMessage(first, route, receivedAt), publisher, packetId: keptId(run) });
    else this.options.bridge.put(route.topic, tokens, publisher.access, new BridgedRun(this, run));
  }

  /**
   * A will, of any QoS: as `put`, but that no client sends it again, so that it waits for room in the log as long as it takes. Its message
   * stays on record until the will is gone from there: whoever starts after a crash knows by it that the will has been published.
   */
  async putWill(message: Will, route: Route, publisher: Publisher, will: PublishedWill): Promise<AppendOutcome> {
    const { bridge } = this.options;
    const isBridged = route.topic !== topics.mqttMessages;
    const routed = routedMessage(message, route, performance.now());
    const bridged = isBridged ? await untilAnswered(() => bridge.store(route.topic, message, publisher.access)) : undefined;
    if (bridged !== undefined && bridged.kind !== 'stored') return bridged;
    return untilAnswered(() => new Recording(this.options, { message: routed, publisher, bridged, will }).handedOver());
  }

  /** What is in Kafka, to its subscribers. */
  distribute(run: PublishRun, bridged: AppendOutcome, first: number, count: number): void {
    const { access, audience } = run.publisher;
    if (!isRecorded(run) && audience?.exists(this.options.delivery, access.organisation, run.first.topic) === false) {
      run.settled(bridged, first, count);
      return;
    }
    for (let behind = 0; behind < count; behind++) {
      const { publish } = run.tokens[first + behind] as PublishToken;
      this.distributeOne(publish, run, placeOf(bridged, behind), ofOne(run, first + behind));
    }
  }

  private distributeOne(message: Publish, run: PublishRun, bridged: AppendOutcome, receiver: OutcomeReceiver): void {
    const { route, publisher } = run;
    const routed = routedMessage(message, route, run.receivedAt);
    const arrival = { message: routed, publisher, packetId: keptId(run), bridged };
    if (isRecorded(run)) {
      this.recordFor(receiver, arrival);
      return;
    }
    const { access, session } = publisher;
    const deliveries = this.options.delivery.match(access.organisation, routed, session);
    if (deliveries.some(mustBeKept)) {
      this.recordFor(receiver, { ...arrival, deliveries });
      return;
    }
    hand(deliveries);
    receiver.settled(bridged);
  }

  /** May a message of that route, QoS 1 or 2, be taken? Not when it could only be lost again: nothing acknowledged is dropped for want of room. */
  hasRoomFor(route: Route): boolean {
    return route.topic !== topics.mqttMessages || !this.options.records.full;
  }

  /** QoS 0: best effort. */
  async offer(message: Publish, route: Route, { access, session }: Publisher): Promise<void> {
    const routed = routedMessage(message, route, performance.now());
    if (route.topic !== topics.mqttMessages && !(await this.options.bridge.offer(route.topic, message, access))) return;
    if (routed.retain) this.options.retaining.retainInTurn(access.organisation, routed, session);
    hand(this.options.delivery.match(access.organisation, routed, session));
  }

  private recordFor(receiver: OutcomeReceiver, arrival: Arrival): void {
    void new Recording(this.options, arrival).handedOver().then((outcome) => receiver.settled(outcome));
  }
}

/** Publishes between their place in Kafka and their subscribers. */
class BridgedRun implements RunReceiver {
  constructor(
    private readonly path: MessagePath,
    private readonly run: PublishRun,
  ) {}

  settled(bridged: AppendOutcome, first: number, count: number): void {
    if (bridged.kind === 'stored') this.path.distribute(this.run, bridged, first, count);
    else this.run.settled(bridged, first, count);
  }
}

/** Who waits for the one at `index` of a run. */
function ofOne(run: PublishRun, index: number): OutcomeReceiver {
  return { settled: (outcome) => run.settled(outcome, index, 1) };
}

/** A message that needs a record, or comes behind one of its client's that does. */
function isRecorded(run: PublishRun): boolean {
  const { first, route, publisher } = run;
  return publisher.session?.recording !== undefined || keptId(run) !== undefined || (first.retain && route.retainable);
}

/** The packet id to be remembered with the message: of a session that is kept, and has not ended meanwhile. */
function keptId({ packetId, publisher: { session } }: PublishRun): number | undefined {
  return session?.keeper === undefined || session.ended ? undefined : packetId;
}

function hand(deliveries: readonly Delivery<BrokerSession>[]): void {
  for (const { client, message } of deliveries) client.deliver(message);
}
