import { type RefusalReason, receiptProperty } from '@milepost/contracts';
import {
  type Acceptance,
  type Connect,
  type ConnectionEnd,
  isFailure,
  messageOf,
  type Publish,
  type PublishToken,
  ReasonCode,
  type ServerCloseCause,
  type SubscribeToken,
  type Subscription,
  type SubscriptionLimit,
  type UnsubscribeToken,
  type WillFate,
} from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import { ClientConnection, type ConnectionSurroundings } from '../connections/client-connection.js';
import type { ClientSocket } from '../connections/client-socket.js';
import type { ConnectionHandler } from '../connections/connection-handler.js';
import type { MessagePath } from '../delivery/message-path.js';
import type { Publisher } from '../delivery/publisher.js';
import type { Retaining } from '../delivery/retained/retaining.js';
import type { SingleCopies } from '../delivery/single-copies.js';
import { Audience } from '../delivery/subscribers/audience.js';
import { handOut, type RetainedWalk } from '../delivery/subscribers/hand-out.js';
import type { LocalDelivery } from '../delivery/subscribers/local-delivery.js';
import type { BrokerMetrics } from '../metrics.js';
import { shownText } from '../refusals/shown-text.js';
import type { BrokerSession } from '../sessions/broker-session.js';
import type { Sessions } from '../sessions/sessions.js';
import type { KeptWill } from '../wills/kept-will.js';
import { publishWill } from '../wills/publish-will.js';
import type { Wills } from '../wills/wills.js';
import type { Access } from './access.js';
import type { AwaitedSaves } from './awaited-saves.js';
import type { Gate } from './gate.js';
import { Publishing } from './publishing.js';
import { limitOfEnd, limitOfSubscription } from './reached-limits.js';
import { reasonName, refusalReasonOf } from './reason-names.js';

export interface ClientSurroundings extends ConnectionSurroundings {
  /** Answers with `accept` or `refuse`. */
  readonly admission: { connect(client: Client, connect: Connect): void; left(client: Client): void };
  readonly path: MessagePath;
  readonly retaining: Retaining;
  readonly single: SingleCopies;
  readonly delivery: LocalDelivery;
  readonly sessions: Sessions;
  readonly saves: Pick<AwaitedSaves, 'wait'>;
  readonly wills: Wills;
  readonly registry: { remove(client: Client): void };
  readonly metrics: ConnectionSurroundings['metrics'] &
    Pick<BrokerMetrics, 'publishAcknowledged' | 'refusedPublishes' | 'ends' | 'willsGivenUp'>;
  readonly logger: Logger;
}

/** One connection as the broker sees it: what its packets mean, the same at every door. Who may do what is its gate's and its access's. */
export class Client implements ConnectionHandler {
  /** Set from the moment that CONNECT was admitted. */
  access: Access | undefined;
  /** Set with `access`. */
  session: BrokerSession | undefined;
  /** How long the session was to outlive its connection before this one asked otherwise, in seconds. */
  expiryBefore = 0;
  /** Its will, on record. */
  will: KeptWill | undefined;
  private readonly connection: ClientConnection;
  private publishing: Publishing | undefined;
  private wantsReceipts = false;
  private reported = false;
  private refusedPublishes = 0;
  private refusedSubscriptions = 0;
  /** Of SUBSCRIBEs whose session is not on record yet: what their topics retain. */
  private unanswered: (readonly RetainedWalk[])[] = NONE;

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

  /** What its session is subscribed to, looked up when it is asked for. */
  *filters(): Iterable<string> {
    if (this.session === undefined) return;
    for (const { subscription } of this.around.delivery.subscriptionsOf(this.session)) yield subscription.filter;
  }

  // What the broker says to the client.

  accept(acceptance: Acceptance): void {
    const { session } = this;
    // Not those of a SUBSCRIBE that came with CONNECT: they wait for their SUBACK.
    const toBegin = session?.keeper?.handOutsToBegin ?? [];
    this.connection.accept(acceptance);
    if (session !== undefined && !this.over) this.handOut(toBegin, session);
  }

  refuse(reasonCode: ReasonCode, detail: string): void {
    this.connection.refuse(reasonCode, detail);
  }

  close(cause: ServerCloseCause, reasonCode: ReasonCode, detail: string): void {
    this.connection.close(cause, reasonCode, detail);
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
    this.wantsReceipts = asksForReceipts(connect);
    this.around.admission.connect(this, connect);
  }

  authenticate(): void {
    // No method is configured, so the engine never asks; should one be, it is refused until it is built.
    this.connection.refuse(ReasonCode.BadAuthenticationMethod, 'no enhanced authentication here');
  }

  authorise(publish: Publish): ReasonCode {
    const route = this.access?.routeOf(publish.topic);
    if (this.access === undefined || route === undefined) return ReasonCode.NotAuthorized;
    if (publish.qos > 0 && !this.around.path.hasRoomFor(route)) {
      this.around.metrics.limits.inc({ limit: 'kept_bytes' });
      return ReasonCode.QuotaExceeded;
    }
    if (!publish.retain || !route.retainable) return ReasonCode.Success;
    return this.mayRetain(publish, this.access.organisation);
  }

  publish(publish: Publish, token: PublishToken | undefined): void {
    if (token !== undefined && this.publishing?.goesOn(token) === true) return;
    const { access, session } = this;
    const route = access?.routeOf(publish.topic);
    if (access === undefined || session === undefined || route === undefined) return;
    if (this.publishing?.publisher.session !== session) {
      const publisher = { access, session, audience: new Audience() };
      this.publishing = new Publishing(publisher, this.connection, this.around, this.wantsReceipts);
    }
    this.publishing.publish(publish, token, route);
  }

  caughtUp(): void {
    this.publishing?.sendOn();
  }

  subscribe(subscriptions: readonly Subscription[], identifier: number | undefined, token: SubscribeToken): void {
    const { access, session } = this;
    if (access === undefined || session === undefined) return;
    this.caughtUp();
    const answer = this.around.delivery.subscribe(session, subscriptions, identifier, access, performance.now());
    const { retained, reasonCodes, limits } = answer;
    const details = subscriptions.map(({ filter }, index) => this.subscriptionAnswered(access, filter, reasonCodes[index], limits[index]));
    this.unanswered = [...this.unanswered, retained];
    this.whenSaved(session, () => {
      this.unanswered = this.unanswered.length === 1 ? NONE : this.unanswered.filter((each) => each !== retained);
      this.connection.settleSubscribe(token, reasonCodes, details);
      this.handOut(retained, session);
    });
  }

  unsubscribe(filters: readonly string[], token: UnsubscribeToken): void {
    const { session } = this;
    if (session === undefined) return;
    this.caughtUp();
    const codes = this.around.delivery.unsubscribe(session, filters);
    this.whenSaved(session, () => this.connection.settleUnsubscribe(token, codes));
  }

  publishRefused({ topic: claimed, qos }: Publish, reasonCode: ReasonCode): string | undefined {
    const why = reasonCode === ReasonCode.NotAuthorized ? this.access?.whyNoRoute(claimed) : undefined;
    this.around.metrics.refusedPublishes.inc({ reason: reasonName(reasonCode) });
    this.refusedPublishes += 1;
    const count = this.refusedPublishes;
    if (!isLogged(count)) return why;
    const refused = { ...this.gate.who, topic: shownText(claimed), qos, reasonCode, why, count };
    this.around.logger.warn({ event: 'broker.publish.refused', ...refused }, 'A message was refused');
    return why;
  }

  ended(end: ConnectionEnd): void {
    const { registry, admission, sessions, wills, metrics, logger } = this.around;
    const { gate, access, session } = this;
    this.caughtUp();
    registry.remove(this);
    admission.left(this);
    metrics.ends.inc({ cause: end.cause });
    const limit = limitOfEnd(end);
    if (limit !== undefined) metrics.limits.inc({ limit });
    const { cause, reasonCode, detail } = end;
    logger.info({ event: 'broker.connection.closed', ...gate.who, address: gate.address, cause, reasonCode, detail }, 'A connection ended');
    if (access === undefined || session === undefined) {
      this.reportIfUnreported(end);
      return;
    }
    gate.departed(end);
    // One that was not established leaves all as it found it: the session there as long as it was to be, or none.
    sessions.disconnected(session, end.established ? end.sessionExpirySeconds : this.expiryBefore);
    // The subscriptions are its session's all the same: made again, they are not new, and bring no more of it (MQTT-3.3.1-10).
    for (const retained of this.unanswered) this.handOut(retained, session);
    if (!end.established) {
      wills.turnedAway(access, this.will, sessions.get(access.key) !== undefined);
      return;
    }
    wills.returned(access);
    this.executeWill(end.will, { access, session });
  }

  private handOut(walks: readonly RetainedWalk[], session: BrokerSession): void {
    void handOut(walks, this.around.single.retainedReceiver(session));
    for (const { kept } of walks) void kept?.over.then(() => this.around.sessions.handedOut(session));
  }

  /** @returns why it was refused, if it was. */
  private subscriptionAnswered(access: Access, filter: string, reasonCode?: ReasonCode, limit?: SubscriptionLimit): string | undefined {
    if (reasonCode === undefined || !isFailure(reasonCode)) return undefined;
    const reached = limit && limitOfSubscription(limit);
    if (reached !== undefined) this.around.metrics.limits.inc({ limit: reached.label });
    const why = reached?.why ?? access.whyNoSubscription;
    this.refusedSubscriptions += 1;
    const count = this.refusedSubscriptions;
    if (!isLogged(count)) return why;
    const refused = { ...this.gate.who, filter: shownText(filter), reasonCode, why, count };
    this.around.logger.warn({ event: 'broker.subscription.refused', ...refused }, 'A subscription was refused');
    return why;
  }

  private mayRetain(publish: Publish, organisation: string): ReasonCode {
    const { retaining, metrics } = this.around;
    const now = performance.now();
    const message = messageOf(publish, now);
    if (!retaining.fits(organisation, message)) {
      metrics.limits.inc({ limit: 'record_bytes' });
      return ReasonCode.ImplementationSpecificError;
    }
    if (retaining.hasRoomFor(organisation, message, now)) return ReasonCode.Success;
    metrics.limits.inc({ limit: 'retained_messages' });
    return ReasonCode.QuotaExceeded;
  }

  /** SUBACK and UNSUBACK of a session that is kept leave when it is on record; a client that would wait too long is sent away. */
  private whenSaved(session: BrokerSession, answer: () => void): void {
    if (session.keeper === undefined) answer();
    else this.around.saves.wait(this, this.around.sessions.save(session), answer);
  }

  private executeWill(fate: WillFate, publisher: Publisher): void {
    const { will: kept } = this;
    if (kept === undefined) return;
    const { wills } = this.around;
    // It is on record beside the end of its connection, too.
    const publish = () => {
      this.gate.willPublished({ topic: kept.will.topic, payloadBase64: kept.will.payload.toString('base64') });
      void publishWill(kept, publisher, this.around);
    };
    if (fate.kind === 'none') void wills.forget(kept);
    else if (fate.kind === 'publish' && fate.delaySeconds > 0) wills.delay(kept, fate.delaySeconds, publish);
    else if (fate.kind === 'publish') publish();
    // A deferred one stays on record: whoever starts next publishes it, unless its client comes back (decision 0003).
  }

  /** What the engine refused by itself, before CONNECT reached the admission. */
  private reportIfUnreported({ established, reasonCode, detail }: ConnectionEnd): void {
    const reason = refusalReasonOf(reasonCode);
    if (!established && reason !== undefined && !this.reported) this.report(reason, detail);
  }
}

/** The first, second, fourth, eighth …: a client that does nothing else must not fill the log. */
const isLogged = (count: number): boolean => (count & (count - 1)) === 0;

const NONE: (readonly RetainedWalk[])[] = [];

function asksForReceipts({ properties: { userProperties = [] } }: Connect): boolean {
  return userProperties.some(([name, value]) => name === receiptProperty && value === '1');
}
