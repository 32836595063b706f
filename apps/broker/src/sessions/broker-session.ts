import {
  ClientSession,
  type OutboundMessage,
  type ProtocolVersion,
  type RestoredSession,
  type SessionHooks,
  type SessionLimits,
  type Subscriber,
} from '@milepost/mqtt';
import { HandOutRoom } from '../delivery/subscribers/hand-out-room.js';
import type { BrokerMetrics } from '../metrics.js';
import { storedCopyOf } from '../records/message-record.js';
import type { MessageRecords } from '../records/message-records.js';
import type { SessionKeeper, SessionOwner } from './session-keeper.js';

export interface BrokerSessionOptions {
  owner: SessionOwner;
  expirySeconds: number;
  limits: SessionLimits;
  /** Set for a session that outlives its connection. */
  keeper: SessionKeeper | undefined;
  restored?: RestoredSession;
  hooks: SessionHooks;
}

/** One object for all sessions: there are as many as connections. */
export function sessionHooks({ records, metrics }: { records: MessageRecords; metrics: Pick<BrokerMetrics, 'undelivered'> }): SessionHooks {
  return {
    undelivered: (_message, reason) => metrics.undelivered.inc({ reason }),
    finished: (message) => {
      const copy = storedCopyOf(message);
      if (copy !== undefined) records.release(copy.record);
    },
  };
}

/** A client's session in this broker: the engine's, with what is on record of it. The router's subscriber. */
export class BrokerSession implements Subscriber {
  readonly owner: SessionOwner;
  readonly keeper: SessionKeeper | undefined;
  readonly engine: ClientSession;
  /** How long it outlives its connection. */
  expirySeconds: number;
  /** Since when its client is away (of a clock that is never set: `performance.now`); undefined while it is connected. */
  disconnectedAtMs: number | undefined;
  /** Its client's messages that are on their way to their record: later ones keep behind them. */
  recording: Promise<unknown> | undefined;
  /** Set while one of these is written whose receivers have records of their own: resolves when it is there, or will not be. */
  dividing: Promise<unknown> | undefined;
  /** Set while one of these waits for room in the log: resolves when it is stored. */
  waitsForRoom: Promise<unknown> | undefined;
  /** Set while later ones wait for these two: resolves when the last of them has its turn. */
  heldBack: Promise<unknown> | undefined;
  /**
   * A clean start is about to take its place, and may still be refused. What is recorded for it says so: should the process die, it is
   * not for the session that stands in its place by then.
   */
  beingReplaced = false;
  /**
   * Set when it ends: resolves when its claim is gone from the log. Until then whoever starts next finds the session, and has to find what
   * it drops as well.
   */
  gone: Promise<void> | undefined;
  /** Shared messages that are recorded for it and not in its queue yet; made when there is one. */
  private expected: Set<Promise<unknown>> | undefined;
  /** Made when it subscribes to topics that retain something. */
  private room: HandOutRoom | undefined;
  private readonly limits: SessionLimits;

  constructor({ owner, expirySeconds, limits, keeper, restored, hooks }: BrokerSessionOptions) {
    this.owner = owner;
    this.keeper = keeper;
    this.expirySeconds = expirySeconds;
    this.limits = limits;
    this.engine = new ClientSession({
      limits,
      hooks,
      ...(keeper !== undefined && { journal: keeper }),
      ...(restored !== undefined && { restored }),
    });
  }

  /** A shared message is recorded for it: until that is in its queue, or with another member, its end is not on record (decision 0010). */
  expect(passage: Promise<unknown>): void {
    this.expected ??= new Set();
    this.expected.add(passage);
    void passage.then(() => this.expected?.delete(passage));
  }

  get handOutRoom(): HandOutRoom {
    this.room ??= new HandOutRoom(this.engine, this.limits);
    return this.room;
  }

  /** Once whoever starts next does not find it any more: now, unless it has ended and its claim is still on record. */
  whenGone(step: () => void): void {
    if (this.gone === undefined) step();
    else void this.gone.then(step);
  }

  get onTheirWay(): Iterable<Promise<unknown>> {
    return this.expected ?? [];
  }

  /** Has it shared messages that go to others when it ends, or is about to have them? */
  get passesOn(): boolean {
    return (this.expected?.size ?? 0) > 0 || this.engine.holds(({ share }) => share !== undefined);
  }

  /** When it ends unless its client comes back (`performance.now`); undefined while that is there. */
  get endsAtMs(): number | undefined {
    if (this.disconnectedAtMs === undefined) return undefined;
    return this.expirySeconds === NEVER ? Number.POSITIVE_INFINITY : this.disconnectedAtMs + this.expirySeconds * 1000;
  }

  get connected(): boolean {
    return this.engine.connected;
  }

  get version(): ProtocolVersion {
    return this.engine.version;
  }

  get ended(): boolean {
    return this.engine.ended;
  }

  deliver(message: OutboundMessage): void {
    this.engine.deliver(message, performance.now());
  }
}

/** Session Expiry Interval 0xFFFFFFFF (MQTT 5.0 §3.1.2.11.2). */
const NEVER = 0xffff_ffff;
