import { topics } from '@milepost/contracts';
import type { AppendOutcome, OutcomeReceiver } from '@milepost/kafka';
import type { Delivery, OutboundMessage, Publish, Will } from '@milepost/mqtt';
import type { Bridge } from '../bridge/bridge.js';
import type { Route } from '../clients/access.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import { mustBeKept } from './kept-copies.js';
import type { PublishedWill, Publisher } from './publisher.js';
import { Recording, type RecordingParts } from './recording.js';
import { routedMessage } from './routed-message.js';

export interface MessagePathOptions extends RecordingParts {
  bridge: Bridge;
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
    return new Recording(this.options, routedMessage(message, route), undefined, publisher, bridged, will).handedOver();
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
    const recording = new Recording(this.options, message, packetId, publisher, bridged, undefined);
    void recording.handedOver().then((outcome) => receiver.settled(outcome));
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

/** The packet id to be remembered with the message: of a session that is kept, and has not ended meanwhile. */
function keptId(packetId: number | undefined, { session }: Publisher): number | undefined {
  return session?.keeper === undefined || session.ended ? undefined : packetId;
}

function hand(deliveries: readonly Delivery<BrokerSession>[]): void {
  for (const { client, message } of deliveries) client.deliver(message);
}
