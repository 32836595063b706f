import { isShared, type OutboundMessage, type SessionHooks, type SessionLimits } from '@milepost/mqtt';
import type { Access } from '../clients/access.js';
import { userOf } from '../clients/client-key.js';
import type { LocalDelivery } from '../delivery/subscribers/local-delivery.js';
import type { BrokerMetrics } from '../metrics.js';
import { toWallClock } from '../records/kept-properties.js';
import type { MessageRecords } from '../records/message-records.js';
import type { StateWriter } from '../state/state-writer.js';
import { BrokerSession, sessionHooks } from './broker-session.js';
import { CutOffSessions } from './cut-off.js';
import { Ending } from './ending.js';
import { SessionKeeper, type SessionOwner } from './session-keeper.js';

export interface SessionsOptions {
  writer: StateWriter;
  records: MessageRecords;
  delivery: LocalDelivery;
  /** What an ended session leaves behind. Resolves when it is safe with another; undefined: it is dropped. */
  leave(session: BrokerSession, message: OutboundMessage): Promise<unknown> | undefined;
  limits: SessionLimits;
  /** Sessions of one user; undefined: no limit. */
  maxPerUser?: number | undefined;
  metrics: Pick<BrokerMetrics, 'undelivered'>;
}

export interface OpenedSession {
  readonly session: BrokerSession;
  /** The client's earlier session goes on. */
  readonly present: boolean;
  /** How long that was to outlive its connection, in seconds; 0 for a new one. */
  readonly expiryBefore: number;
  /** CONNACK waits for it. */
  readonly durable: Promise<unknown>;
  /** It takes the place of another, which lives until the connection is established: `replace` and `established` are to be called. */
  readonly replaces: boolean;
}

/** The sessions of this node's clients, connected or not (MQTT 5.0 §4.1). */
export class Sessions {
  private readonly byKey = new Map<string, BrokerSession>();
  private readonly ofUsers = new Map<string, number>();
  private readonly waiting = new Set<BrokerSession>();
  private readonly cutOff = new CutOffSessions();
  /** By client: its session that is over, and still on record. Until that is gone nothing of its next one is there. */
  private readonly ending = new Map<string, Ending>();
  /** By a session that is to take another's place: that other one. */
  private readonly replaced = new Map<BrokerSession, BrokerSession>();
  private readonly hooks: SessionHooks;

  constructor(private readonly options: SessionsOptions) {
    this.hooks = sessionHooks(options);
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Whose client is away. */
  get disconnectedCount(): number {
    return this.waiting.size;
  }

  /** Clients whose session is over, and still on record. */
  get endingCount(): number {
    return this.ending.size;
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
      present.disconnectedAtMs = undefined;
      present.expirySeconds = expirySeconds;
      return { session: present, present: true, expiryBefore, durable: this.save(present), replaces: false };
    }
    const session = this.make(owner, expirySeconds);
    if (present !== undefined) return this.putInLine(session, present);
    this.add(session);
    return { session, present: false, expiryBefore: 0, durable: this.save(session), replaces: false };
  }

  /**
   * The last step of a clean start before CONNACK, when nothing else is waited for. The new claim, or the old one's removal, is the point of
   * no return for whoever starts next: what the new session finds on record is its own. Until `established` the old one is as it was.
   * @returns what CONNACK waits for.
   */
  replace(session: BrokerSession): Promise<unknown> {
    const before = this.replaced.get(session);
    if (before === undefined) return DONE;
    // Its shared messages, those to come too, have to be safe with others before its claim is gone: it ends now (decision 0010).
    if (before.passesOn || this.isMember(before)) {
      const gone = this.end(before);
      const ending = this.ending.get(before.owner.key);
      if (ending !== undefined) session.keeper?.comesAfter(ending);
      this.install(session);
      return Promise.all([gone, this.save(session)]);
    }
    return session.keeper === undefined ? (before.keeper?.renounce() ?? DONE) : this.save(session);
  }

  /** The connection is: what the session takes the place of is over. */
  established(session: BrokerSession): void {
    const before = this.replaced.get(session);
    if (before === undefined) return;
    this.endWithoutClaim(before);
    this.install(session);
  }

  /** The connection is over. The session ends with it, or begins to expire. */
  disconnected(session: BrokerSession, expirySeconds: number): void {
    this.giveUp(session);
    if (this.byKey.get(session.owner.key) !== session) return;
    session.expirySeconds = expirySeconds;
    if (expirySeconds === 0) {
      void this.end(session);
      return;
    }
    session.disconnectedAtMs = performance.now();
    this.waiting.add(session);
    session.keeper?.forgetWaiting();
    this.claim(session);
  }

  /**
   * Puts the claim and its subscriptions on record, if the session is one that is kept. Resolves when it is there; never, where its
   * connection ends before.
   */
  save(session: BrokerSession): Promise<void> {
    return session.keeper === undefined ? DONE : new Promise((resolve) => this.claim(session, resolve));
  }

  /**
   * A hand-out is over. Its record says so as soon as its client acknowledges something, or comes back for it: one of its own is written only
   * where nothing is left for that.
   */
  handedOut(session: BrokerSession): void {
    const { keeper, engine, beingReplaced } = session;
    const hasMore = engine.inFlightMessages + engine.queuedMessages > 0;
    // What takes another's place must not come before a claim of that: if it does not, that is written then.
    if (keeper?.namesHandOuts === true && !hasMore && !beingReplaced) this.claim(session);
  }

  /** As it was read from the log: its client is away. `isSaid`: its claim says so, and since when. */
  restore(session: BrokerSession, isSaid: boolean): void {
    this.add(session);
    this.waiting.add(session);
    if (!isSaid) this.cutOff.add(session);
  }

  /** Ends what has expired, and drops what expired while it waited for who is away. To be called about twice a second. */
  sweep(): void {
    const nowMs = performance.now();
    // Of one that is being replaced the claim is written when that comes to nothing.
    for (const session of this.cutOff.take(nowMs)) if (this.waiting.has(session) && !session.beingReplaced) this.claim(session);
    for (const session of this.waiting) {
      session.engine.dropExpired(nowMs);
      // One whose client is being let in is over when that is decided.
      const isDue = session.endsAtMs !== undefined && session.endsAtMs <= nowMs && !session.beingReplaced;
      if (isDue) void this.end(session);
    }
  }

  /**
   * The session is over: its subscriptions go, its shared messages to others, the rest is dropped (MQTT-4.8.2-4, -5). As long as a message
   * is not safe with another, the session and the message stay on record, and so does the rest: a crash finds all as it was, and passes on
   * again.
   */
  async end(session: BrokerSession): Promise<void> {
    const { keeper, owner } = session;
    // It is not on record itself; an earlier one of its client may still be, and keeps its place.
    if (keeper?.hasBegun !== true) {
      await Promise.all(this.close(session));
      return;
    }
    const ending = new Ending();
    session.gone = ending.gone;
    const passing = this.close(session);
    this.ending.set(owner.key, ending);
    if (passing.length > 0) await Promise.all(passing);
    await keeper.end();
    this.ending.delete(owner.key);
    ending.over();
  }

  /** As `end`, where another claim has the place of its own, or none: nobody finds it any more. */
  private endWithoutClaim(session: BrokerSession): void {
    session.keeper?.endWithoutClaim();
    void this.close(session);
  }

  /** @returns what resolves when what passes to others is there. */
  private close(session: BrokerSession): Promise<unknown>[] {
    const { key } = session.owner;
    const { delivery, leave } = this.options;
    if (this.byKey.delete(key)) this.count(key, -1);
    this.waiting.delete(session);
    delivery.remove(session);
    session.keeper?.close();
    const passing: Promise<unknown>[] = [...session.onTheirWay];
    const { unreceived, received } = session.engine.end();
    for (const message of unreceived) {
      const passed = leave(session, message);
      if (passed !== undefined) passing.push(passed);
    }
    session.whenGone(() => {
      for (const message of received) this.hooks.finished(message);
    });
    return passing;
  }

  /** Rights may have ended while the client was away. */
  private takeBack(session: BrokerSession, access: Pick<Access, 'maySubscribe'>): void {
    const { delivery } = this.options;
    const lost = delivery.subscriptionsOf(session).flatMap(({ subscription: { filter } }) => (access.maySubscribe(filter) ? [] : [filter]));
    if (lost.length > 0) delivery.unsubscribe(session, lost);
  }

  private isMember(session: BrokerSession): boolean {
    return this.options.delivery.subscriptionsOf(session).some(({ subscription: { filter } }) => isShared(filter));
  }

  private putInLine(session: BrokerSession, before: BrokerSession): OpenedSession {
    before.beingReplaced = true;
    this.replaced.set(session, before);
    // A claim of its own that is on its way must not come behind the one that takes its place.
    const durable = before.keeper?.isClaiming === true ? this.save(before) : DONE;
    return { session, present: false, expiryBefore: 0, durable, replaces: true };
  }

  /** It takes its place. */
  private install(session: BrokerSession): void {
    this.replaced.delete(session);
    this.add(session);
  }

  /** Its connection was not established: the session before goes on, with its claim as the later one. */
  private giveUp(session: BrokerSession): void {
    const before = this.replaced.get(session);
    if (before === undefined) return;
    this.replaced.delete(session);
    session.keeper?.close();
    before.beingReplaced = false;
    before.keeper?.forgetWaiting();
    this.claim(before);
  }

  private claim(session: BrokerSession, durable?: () => void): void {
    const { keeper, expirySeconds, disconnectedAtMs } = session;
    const disconnectedAt = disconnectedAtMs === undefined ? undefined : toWallClock(disconnectedAtMs);
    keeper?.claim({ expirySeconds, disconnectedAt, subscriptions: this.options.delivery.subscriptionsOf(session) }, durable);
  }

  private make(owner: SessionOwner, expirySeconds: number): BrokerSession {
    const { writer, records, limits } = this.options;
    const keeper = expirySeconds > 0 ? new SessionKeeper(owner, writer.stamp(), writer, records, this.ending.get(owner.key)) : undefined;
    return new BrokerSession({ owner, expirySeconds, limits, keeper, hooks: this.hooks });
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

const DONE = Promise.resolve();
