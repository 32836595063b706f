import type { RefusalReason } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import {
  type Acceptance,
  type Connect,
  type ConnectionEnd,
  type OutboundMessage,
  type Publish,
  type PublishToken,
  ReasonCode,
  type ServerCloseCause,
  type Subscriber,
  type SubscribeToken,
  type Subscription,
  type UnsubscribeToken,
  type Will,
} from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import type { Bridge } from '../bridge/bridge.js';
import { ClientConnection, type ClientSocket, type ConnectionSurroundings } from '../connections/client-connection.js';
import type { ConnectionHandler } from '../connections/connection-handler.js';
import type { LocalDelivery } from '../delivery/local-delivery.js';
import type { BrokerMetrics } from '../metrics.js';
import type { Access, Route } from './access.js';
import type { Gate } from './gate.js';
import { reasonName, refusalReasonOf } from './reason-names.js';

export interface ClientSurroundings extends ConnectionSurroundings {
  /** Answers with `accept` or `refuse`. */
  readonly admission: { connect(client: Client, connect: Connect): void };
  readonly bridge: Bridge;
  readonly delivery: LocalDelivery<Client>;
  readonly registry: { remove(client: Client): void };
  readonly metrics: ConnectionSurroundings['metrics'] & Pick<BrokerMetrics, 'publishAckSeconds' | 'refusedPublishes' | 'ends'>;
  readonly logger: Logger;
}

/** One connection as the broker sees it: what its packets mean, the same at every door. Who may do what is its gate's and its access's. */
export class Client implements ConnectionHandler, Subscriber {
  /** Set from the moment that CONNECT was admitted. */
  access: Access | undefined;
  private readonly connection: ClientConnection;
  private reported = false;
  private refusedPublishes = 0;

  constructor(
    socket: ClientSocket,
    readonly gate: Gate,
    private readonly around: ClientSurroundings,
  ) {
    this.connection = new ClientConnection(socket, this, around);
  }

  get over(): boolean {
    return this.connection.over;
  }

  // What the broker says to the client.

  accept(acceptance: Omit<Acceptance, 'session'>): void {
    this.connection.accept(acceptance);
  }

  refuse(reasonCode: ReasonCode, detail: string): void {
    this.connection.refuse(reasonCode, detail);
  }

  close(cause: ServerCloseCause, reasonCode: ReasonCode, detail: string): void {
    this.connection.close(cause, reasonCode, detail);
  }

  deliver(message: OutboundMessage): void {
    this.connection.deliver(message);
  }

  stopReading(): void {
    this.connection.stopReading();
  }

  startReading(): void {
    this.connection.startReading();
  }

  /** Puts a refused attempt on record, with what is known of who made it. */
  report(reason: RefusalReason, detail: string): void {
    this.reported = true;
    this.gate.report(reason, detail);
  }

  // What the client asks for.

  connect(connect: Connect): void {
    this.around.admission.connect(this, connect);
  }

  authenticate(): void {
    // No method is configured, so the engine never asks; should one be, it is refused until it is built.
    this.connection.refuse(ReasonCode.BadAuthenticationMethod, 'no enhanced authentication here');
  }

  authorise(publish: Publish): ReasonCode {
    const route = this.access?.routeOf(publish.topic);
    if (this.access === undefined || route === undefined) return ReasonCode.NotAuthorized;
    if (!publish.retain || !route.retainable) return ReasonCode.Success;
    return this.around.delivery.hasRoomFor(publish, this.access.organisation, performance.now())
      ? ReasonCode.Success
      : ReasonCode.QuotaExceeded;
  }

  publish(publish: Publish, token: PublishToken | undefined): void {
    const { access } = this;
    const route = access?.routeOf(publish.topic);
    if (access === undefined || route === undefined) return;
    if (token === undefined) void this.offer(access, route, publish);
    else void this.acknowledgeWhenStored(access, route, publish, token);
  }

  subscribe(subscriptions: readonly Subscription[], identifier: number | undefined, token: SubscribeToken): void {
    const { access } = this;
    if (access === undefined) return;
    const maySubscribe = (filter: string) => access.maySubscribe(filter);
    const answer = this.around.delivery.subscribe(this, access.organisation, subscriptions, identifier, maySubscribe, performance.now());
    this.connection.settleSubscribe(token, answer.reasonCodes);
    answer.deliverRetained();
  }

  unsubscribe(filters: readonly string[], token: UnsubscribeToken): void {
    if (this.access === undefined) return;
    this.connection.settleUnsubscribe(token, this.around.delivery.unsubscribe(this, this.access.organisation, filters));
  }

  publishRefused({ topic, qos }: Publish, reasonCode: ReasonCode): void {
    this.around.metrics.refusedPublishes.inc({ reason: reasonName(reasonCode) });
    this.refusedPublishes += 1;
    // The first, second, fourth, eighth …: a client that does nothing else must not fill the log.
    const count = this.refusedPublishes;
    if ((count & (count - 1)) !== 0) return;
    this.around.logger.warn({ event: 'broker.publish.refused', ...this.gate.who, topic, qos, reasonCode, count }, 'A message was refused');
  }

  ended(end: ConnectionEnd): void {
    const { registry, delivery, metrics, logger } = this.around;
    const { gate, access } = this;
    registry.remove(this);
    if (access !== undefined) delivery.remove(this, access.organisation);
    metrics.ends.inc({ cause: end.cause });
    const { cause, reasonCode, detail } = end;
    logger.info({ event: 'broker.connection.closed', ...gate.who, address: gate.address, cause, reasonCode, detail }, 'A connection ended');
    if (access === undefined || !gate.announced) {
      this.reportIfUnreported(end);
      return;
    }
    gate.departed(end);
    if (end.will.kind === 'publish') this.publishWill(access, end.will.will);
  }

  private async offer(access: Access, route: Route, publish: Publish): Promise<void> {
    if (await this.around.bridge.offer(route.topic, publish, access)) this.hand(access, route, publish);
  }

  private async acknowledgeWhenStored(access: Access, route: Route, publish: Publish, token: PublishToken): Promise<void> {
    const receivedAt = performance.now();
    const { kind } = await this.around.bridge.store(route.topic, publish, access);
    if (kind === 'stored') {
      this.around.metrics.publishAckSeconds.observe((performance.now() - receivedAt) / 1000);
      this.connection.settlePublish(token, ReasonCode.Success);
      this.hand(access, route, publish);
    } else if (kind === 'refused') {
      this.connection.settlePublish(token, ReasonCode.ImplementationSpecificError);
    } else {
      // Neither stored nor refused: it may not be acknowledged, and the client must send it again.
      this.connection.failPublish(token, 'the message could not be taken; send it again');
    }
  }

  /** To whoever subscribed. */
  private hand({ organisation }: Access, { retainable }: Route, message: Publish | Will): void {
    const retain = message.retain && retainable;
    const handed = retain === message.retain ? message : { ...message, retain };
    this.around.delivery.publish(handed, this, organisation, performance.now());
  }

  /**
   * The will is a message of the client's like any other, and is on record beside the end of its connection.
   * Its delay is not waited for: it is at most the session's expiry, and sessions end with their connection.
   */
  private publishWill(access: Access, will: Will): void {
    this.gate.willPublished({ topic: will.topic, payloadBase64: will.payload.toString('base64') });
    const route = access.routeOf(will.topic);
    if (route === undefined) return;
    void this.around.bridge.store(route.topic, will, access).then((outcome: AppendOutcome) => {
      if (outcome.kind === 'stored') {
        this.hand(access, route, will);
        return;
      }
      this.around.logger.error(
        { event: 'broker.will.lost', ...this.gate.who, outcome: outcome.kind, code: outcome.code },
        'A will could not be stored as a message; what is on record of its connection stands',
      );
    });
  }

  /** What the engine refused by itself, before CONNECT reached the admission. */
  private reportIfUnreported({ established, reasonCode, detail }: ConnectionEnd): void {
    const reason = refusalReasonOf(reasonCode);
    if (!established && reason !== undefined && !this.reported) this.report(reason, detail);
  }
}
