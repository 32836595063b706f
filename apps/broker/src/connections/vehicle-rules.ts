import type { RefusalReason, Topic } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import {
  type Connect,
  type ConnectionEnd,
  type Publish,
  type PublishToken,
  ReasonCode,
  type SubscribeToken,
  type Subscription,
  type UnsubscribeToken,
  type Will,
} from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import type { Bridge } from '../bridge/bridge.js';
import type { LocalDelivery } from '../delivery/local-delivery.js';
import type { BrokerMetrics } from '../metrics.js';
import type { AnnouncedConnection } from '../presence/announced-connection.js';
import type { PresencePublisher } from '../presence/presence-publisher.js';
import type { Admission } from './admission.js';
import type { ClientConnection, ConnectionRules } from './client-connection.js';
import type { ClientRegistry } from './client-registry.js';

export interface VehicleRulesOptions {
  admission: Admission;
  bridge: Bridge;
  delivery: LocalDelivery<ClientConnection>;
  publisher: PresencePublisher;
  registry: ClientRegistry;
  metrics: Pick<BrokerMetrics, 'publishAckSeconds' | 'refusedPublishes' | 'ends'>;
  logger: Logger;
}

/** What a vehicle may do on its connection, and what is done about it. */
export class VehicleRules implements ConnectionRules {
  constructor(private readonly options: VehicleRulesOptions) {}

  connect(connection: ClientConnection, connect: Connect): void {
    this.options.admission.connect(connection, connect);
  }

  authorise({ topics, identity }: ClientConnection, publish: Publish): ReasonCode {
    const route = topics.routeOf(publish.topic);
    if (route === undefined) return ReasonCode.NotAuthorized;
    if (!publish.retain || !route.retainable) return ReasonCode.Success;
    return this.options.delivery.hasRoomFor(publish, identity.organisation, performance.now())
      ? ReasonCode.Success
      : ReasonCode.QuotaExceeded;
  }

  publish(connection: ClientConnection, publish: Publish, token: PublishToken | undefined): void {
    const route = connection.topics.routeOf(publish.topic);
    if (route === undefined) return;
    if (token === undefined) void this.offer(connection, route.topic, publish);
    else void this.acknowledgeWhenStored(connection, publish, token, this.options.bridge.store(route.topic, publish, connection));
  }

  subscribe(
    connection: ClientConnection,
    subscriptions: readonly Subscription[],
    identifier: number | undefined,
    token: SubscribeToken,
  ): void {
    const { topics, identity } = connection;
    const maySubscribe = (filter: string) => topics.maySubscribe(filter);
    const answer = this.options.delivery.subscribe(
      connection,
      identity.organisation,
      subscriptions,
      identifier,
      maySubscribe,
      performance.now(),
    );
    connection.settleSubscribe(token, answer.reasonCodes);
    answer.deliverRetained();
  }

  unsubscribe(connection: ClientConnection, filters: readonly string[], token: UnsubscribeToken): void {
    connection.settleUnsubscribe(token, this.options.delivery.unsubscribe(connection, connection.identity.organisation, filters));
  }

  publishRefused(connection: ClientConnection, { topic, qos }: Publish, reasonCode: ReasonCode): void {
    const { vehicleId, identity } = connection;
    this.options.metrics.refusedPublishes.inc({ reason: reasonName(reasonCode) });
    connection.refusedPublishes += 1;
    // The first, second, fourth, eighth …: a vehicle that does nothing else must not fill the log.
    const count = connection.refusedPublishes;
    if ((count & (count - 1)) !== 0) return;
    this.options.logger.warn(
      { event: 'broker.publish.refused', vehicleId, organisation: identity.organisation, topic, qos, reasonCode, count },
      'A message was refused',
    );
  }

  ended(connection: ClientConnection, end: ConnectionEnd): void {
    const { registry, delivery, publisher, metrics, logger } = this.options;
    const { announced, identity, vehicleId, address } = connection;
    registry.remove(connection);
    delivery.remove(connection, identity.organisation);
    metrics.ends.inc({ cause: end.cause });
    logger.info(
      {
        event: 'broker.connection.closed',
        vehicleId,
        organisation: identity.organisation,
        address,
        connectionId: announced?.connectionId,
        cause: end.cause,
        reasonCode: end.reasonCode,
        detail: end.detail,
      },
      'A connection ended',
    );
    if (announced === undefined) {
      this.reportIfUnreported(connection, end);
      return;
    }
    publisher.disconnected(announced, end.established ? end.cause : 'not_established', end.reasonCode);
    if (end.will.kind === 'publish') this.publishWill(connection, announced, end.will.will);
  }

  private async offer(connection: ClientConnection, topic: Topic, publish: Publish): Promise<void> {
    if (await this.options.bridge.offer(topic, publish, connection)) this.deliver(connection, publish);
  }

  private async acknowledgeWhenStored(
    connection: ClientConnection,
    publish: Publish,
    token: PublishToken,
    outcome: Promise<AppendOutcome>,
  ): Promise<void> {
    const receivedAt = performance.now();
    const { kind } = await outcome;
    if (kind === 'stored') {
      this.options.metrics.publishAckSeconds.observe((performance.now() - receivedAt) / 1000);
      connection.settlePublish(token, ReasonCode.Success);
      this.deliver(connection, publish);
    } else if (kind === 'refused') {
      connection.settlePublish(token, ReasonCode.ImplementationSpecificError);
    } else {
      // Neither stored nor refused: it may not be acknowledged, and the client must send it again.
      connection.close('network_error', ReasonCode.ServerBusy, 'the message could not be taken; send it again');
    }
  }

  private deliver(connection: ClientConnection, publish: Publish): void {
    const { organisation } = connection.identity;
    const retain = publish.retain && connection.topics.routeOf(publish.topic)?.retainable === true;
    this.options.delivery.publish(
      retain === publish.retain ? publish : { ...publish, retain },
      connection,
      organisation,
      performance.now(),
    );
  }

  /**
   * The will is a message of the vehicle's like any other, and is on record beside the presence of its connection.
   * Its delay is not waited for: it is at most the session's expiry, and sessions end with their connection.
   */
  private publishWill(connection: ClientConnection, announced: AnnouncedConnection, will: Will): void {
    const { publisher, bridge, logger } = this.options;
    publisher.will(announced, { topic: will.topic, payloadBase64: will.payload.toString('base64') });
    const route = connection.topics.routeOf(will.topic);
    if (route === undefined) return;
    void bridge.store(route.topic, will, connection).then((outcome) => {
      if (outcome.kind === 'stored') {
        const message = route.retainable ? will : { ...will, retain: false };
        this.options.delivery.publish(message, connection, connection.identity.organisation, performance.now());
        return;
      }
      logger.error(
        { event: 'broker.will.lost', vehicleId: connection.vehicleId, outcome: outcome.kind, code: outcome.code },
        'A will could not be stored as a message; its presence record stands',
      );
    });
  }

  /** What the engine refused by itself, before CONNECT reached the admission. */
  private reportIfUnreported(connection: ClientConnection, { established, reasonCode, detail }: ConnectionEnd): void {
    const reason = REFUSALS_OF_ENGINE.get(reasonCode);
    if (!established && reason !== undefined && !connection.reported) this.options.admission.report(connection, reason, detail);
  }
}

const REFUSALS_OF_ENGINE: ReadonlyMap<number, RefusalReason> = new Map([
  [ReasonCode.UnsupportedProtocolVersion, 'protocol_version'],
  [ReasonCode.ClientIdentifierNotValid, 'client_id_mismatch'],
  [ReasonCode.MalformedPacket, 'malformed_connect'],
  [ReasonCode.ProtocolError, 'malformed_connect'],
  [ReasonCode.PacketTooLarge, 'malformed_connect'],
  [ReasonCode.TopicNameInvalid, 'malformed_connect'],
  [ReasonCode.PayloadFormatInvalid, 'malformed_connect'],
  [ReasonCode.BadAuthenticationMethod, 'malformed_connect'],
  [ReasonCode.MaximumConnectTime, 'malformed_connect'],
]);

const REASON_NAMES = new Map<number, string>(Object.entries(ReasonCode).map(([name, code]) => [code, name]));

function reasonName(reasonCode: number): string {
  return REASON_NAMES.get(reasonCode) ?? `0x${reasonCode.toString(16)}`;
}
