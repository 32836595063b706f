import type { OutboundMessage, SessionHooks, SessionLimits } from '@milepost/mqtt';
import type { Access } from '../clients/access.js';
import { userOf } from '../clients/client-key.js';
import type { LocalDelivery } from '../delivery/local-delivery.js';
import type { BrokerMetrics } from '../metrics.js';
import { BrokerSession, sessionHooks } from './broker-session.js';
import type { MessageRecords } from './message-records.js';
import { SessionKeeper, type SessionOwner } from './session-keeper.js';
import type { StateWriter } from './state-writer.js';

export interface SessionsOptions {
  writer: StateWriter;
  records: MessageRecords;
  delivery: LocalDelivery;
  /** What an ended session leaves behind. Resolves when it is safe with another; undefined: it is dropped. */
  leave(organisation: string, message: OutboundMessage): Promise<unknown> | undefined;
  limits: SessionLimits;
  /** Sessions of one user; undefined: no limit. */
  maxPerUser?: number | undefined;
  metrics: Pick<BrokerMetrics, 'undelivered'>;
  now?: () => number;
}

export interface OpenedSession {
  readonly session: BrokerSession;
  /** The client's earlier session goes on. */
  readonly present: boolean;
  /** How long that was to outlive its connection, in seconds; 0 for a new one. */
  readonly expiryBefore: number;
  /** CONNACK waits for it. */
  readonly durable: Promise<unknown>;
}

/** The sessions of this node's clients, connected or not (MQTT 5.0 §4.1). */
export class Sessions {
  private readonly byKey = new Map<string, BrokerSession>();
  private readonly ofUsers = new Map<string, number>();
  private readonly waiting = new Set<BrokerSession>();
  /** By client: what a session that is over still has to be on record for. */
  private readonly ending = new Map<string, Promise<void>>();
  private readonly hooks: SessionHooks;
  private readonly now: () => number;

  constructor(private readonly options: SessionsOptions) {
    this.hooks = sessionHooks(options);
    this.now = options.now ?? Date.now;
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Whose client is away. */
  get disconnectedCount(): number {
    return this.waiting.size;
  }

  get(key: string): BrokerSession | undefined {
    return this.byKey.get(key);
  }

  /** May this client have a session? Whoever has one may go on with it, or take another in its place. */
  hasRoomFor(key: string): boolean {
    const user = userOf(key);
    if (user === undefined || this.byKey.has(key)) return true;
    return (this.ofUsers.get(user) ?? 0) < (this.options.maxPerUser ?? Number.POSITIVE_INFINITY);
  }

  /**
   * For an accepted CONNECT, when the connection before it has ended. `expirySeconds`: as agreed. Subscriptions of an earlier connection
   * that its client may not make any more are gone.
   */
  open(owner: SessionOwner & Pick<Access, 'maySubscribe'>, cleanStart: boolean, expirySeconds: number): OpenedSession {
    const present = this.byKey.get(owner.key);
    if (present !== undefined && !cleanStart) {
      this.waiting.delete(present);
      this.takeBack(present, owner);
      const { expirySeconds: expiryBefore } = present;
      present.endsAtMs = undefined;
      present.disconnectedAtMs = undefined;
      present.expirySeconds = expirySeconds;
      return { session: present, present: true, expiryBefore, durable: this.save(present) };
    }
    const gone = present === undefined ? undefined : this.end(present);
    const session = this.make(owner, expirySeconds);
    return { session, present: false, expiryBefore: 0, durable: Promise.all([gone, this.save(session)]) };
  }

  /** The connection is over. The session ends with it, or begins to expire. */
  disconnected(session: BrokerSession, expirySeconds: number): void {
    if (this.byKey.get(session.owner.key) !== session) return;
    session.expirySeconds = expirySeconds;
    if (expirySeconds === 0) {
      void this.end(session);
      return;
    }
    session.disconnectedAtMs = this.now();
    session.endsAtMs = expirySeconds === NEVER ? Number.POSITIVE_INFINITY : session.disconnectedAtMs + expirySeconds * 1000;
    this.waiting.add(session);
    void this.save(session);
  }

  /** Puts the claim and its subscriptions on record, if the session is one that is kept. */
  save(session: BrokerSession): Promise<void> {
    const { keeper, expirySeconds, disconnectedAtMs } = session;
    if (keeper === undefined) return DONE;
    return keeper.claim({
      expirySeconds,
      disconnectedAt: disconnectedAtMs === undefined ? undefined : new Date(disconnectedAtMs).toISOString(),
      subscriptions: this.options.delivery.subscriptionsOf(session),
    });
  }

  /** As it was read from the log: its client is away. */
  restore(session: BrokerSession): void {
    this.add(session);
    this.waiting.add(session);
  }

  /** Ends what has expired. To be called about twice a second. */
  sweep(): void {
    const nowMs = this.now();
    for (const session of this.waiting) if (session.endsAtMs !== undefined && session.endsAtMs <= nowMs) void this.end(session);
  }

  /**
   * The session is over: its subscriptions go, its shared messages to others, the rest is dropped (MQTT-4.8.2-4, -5). As long as a message
   * is not safe with another, the session and the message stay on record: a crash finds them as they were, and passes on again.
   */
  async end(session: BrokerSession): Promise<void> {
    const { key, organisation } = session.owner;
    const { delivery, leave } = this.options;
    if (this.byKey.delete(key)) this.count(key, -1);
    this.waiting.delete(session);
    delivery.remove(session);
    session.keeper?.close();
    const passing: Promise<unknown>[] = [...session.onTheirWay];
    for (const message of session.engine.end()) {
      const passed = leave(organisation, message);
      if (passed !== undefined) passing.push(passed);
    }
    if (passing.length === 0) {
      await session.keeper?.end();
      return;
    }
    const ending = Promise.all(passing).then(() => session.keeper?.end());
    this.ending.set(key, ending);
    await ending;
    if (this.ending.get(key) === ending) this.ending.delete(key);
  }

  /** Rights may have ended while the client was away. */
  private takeBack(session: BrokerSession, access: Pick<Access, 'maySubscribe'>): void {
    const { delivery } = this.options;
    const lost = delivery.subscriptionsOf(session).flatMap(({ subscription: { filter } }) => (access.maySubscribe(filter) ? [] : [filter]));
    if (lost.length > 0) delivery.unsubscribe(session, lost);
  }

  private make(owner: SessionOwner, expirySeconds: number): BrokerSession {
    const { writer, records, limits } = this.options;
    const keeper = expirySeconds > 0 ? new SessionKeeper(owner, writer.stamp(), writer, records, this.ending.get(owner.key)) : undefined;
    const session = new BrokerSession({ owner, expirySeconds, limits, keeper, hooks: this.hooks });
    this.add(session);
    return session;
  }

  private add(session: BrokerSession): void {
    const { key } = session.owner;
    this.byKey.set(key, session);
    this.count(key, 1);
  }

  private count(key: string, change: 1 | -1): void {
    const user = userOf(key);
    if (user === undefined) return;
    const count = (this.ofUsers.get(user) ?? 0) + change;
    if (count === 0) this.ofUsers.delete(user);
    else this.ofUsers.set(user, count);
  }
}

/** Session Expiry Interval 0xFFFFFFFF (MQTT 5.0 §3.1.2.11.2). */
const NEVER = 0xffff_ffff;
const DONE = Promise.resolve();
