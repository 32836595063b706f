import type { DisconnectCause, PresenceRecord } from '@milepost/contracts';
import { expect } from 'vitest';
import type { OpenAlert } from '../effect.js';
import { FixtureLog } from '../log.fixture.js';
import { nodes, type Step } from './model-step.fixture.js';

interface Session {
  vehicle: string;
  node: string;
  id: string;
  connectedAt: string;
  /** Announced in CONNECT; undefined: no will. */
  willDelaySeconds?: number | undefined;
}

/** How a vehicle was really lost. */
interface Loss {
  atMs: number;
  session: Session;
  atOnce: boolean;
}

/** Log time is the oldest lease: so far it may be behind while a node is silent and not yet lost. */
const LOG_LAG_MS = 15_000;
const GRACE_SECONDS = 30;

/**
 * A world of vehicles and nodes that knows where each vehicle really is, and writes what brokers would write of it: late, repeated,
 * in any order between connections. The log says the truth in the end, and an alert is never about a vehicle that is there.
 */
export class World {
  readonly log = new FixtureLog({ faultsUntilMisconfigured: 1_000 }, nodes);
  readonly truth = new Map<string, 'online' | 'parked' | 'lost'>();
  /** Where each vehicle is; absent when it is away. */
  readonly live = new Map<string, Session>();
  /** Sessions that are over, or replaced, without their node having said so; with what it will say. */
  unnoticed: { session: Session; cause?: DisconnectCause; sinceMs?: number }[] = [];
  readonly ended: Session[] = [];
  readonly sessions: Session[] = [];
  readonly losses = new Map<string, Loss>();
  readonly records: PresenceRecord[] = [];
  #sessions = 0;
  #checked = 0;

  take(next: Step): void {
    switch (next.kind) {
      case 'connect':
        this.#connect(next.vehicle, next.node, next.willDelaySeconds);
        break;
      case 'leave':
        this.#leave(next.vehicle, next.cause, next.at === 'later');
        break;
      case 'blip': {
        const session = this.#session(next.vehicle, next.node);
        this.#write(this.log.connected(session.vehicle, session.id, { node: session.node }));
        // The newer connection threw the older one out, whatever became of itself.
        const replaced = this.live.get(next.vehicle);
        this.#write(this.log.disconnected(session.vehicle, session.id, 'not_established', session.node));
        if (replaced !== undefined) this.#notice(0, 'keepalive_timeout', undefined);
        break;
      }
      case 'crash':
        this.#crash(next.node, next.restarts);
        break;
      case 'stall':
        this.#stall(next);
        break;
      case 'outage':
        this.log.stall(next.seconds);
        break;
      case 'repeat': {
        const record = this.records[next.which % Math.max(1, this.records.length)];
        if (record) this.log.append(record);
        break;
      }
      case 'will': {
        // Of any session: early, while it is open, in time, late, and of one that was replaced.
        const session = this.sessions[next.which % Math.max(1, this.sessions.length)];
        if (session) this.#write(this.log.will(session.vehicle, session.id, session.node));
        break;
      }
      case 'notice':
        this.#notice(next.which, next.cause, undefined);
        break;
      case 'pass':
        this.#pass(next.seconds);
        break;
      case 'reload':
        this.log.reload();
        break;
    }
    this.#check();
  }

  /** Everything late is written, every node lives, and all graces are over. */
  end(): void {
    for (const node of nodes) if (this.log.node(node).silent) this.#restart(node);
    while (this.unnoticed.length > 0) this.#notice(0, 'taken_over', undefined);
    this.#check();
    for (let minute = 0; minute < 8; minute += 1) {
      this.log.pass(60);
      this.#check();
    }
  }

  #connect(vehicle: string, node: string, willDelaySeconds: number | undefined): void {
    if (this.log.node(node).silent) return;
    const before = this.live.get(vehicle);
    const session = this.#session(vehicle, node, willDelaySeconds);
    this.#write(this.log.connected(vehicle, session.id, { node, connectedAt: session.connectedAt, ...announced(session) }));
    if (before !== undefined) this.unnoticed.push({ session: before });
    this.live.set(vehicle, session);
    this.truth.set(vehicle, 'online');
  }

  #leave(vehicle: string, cause: DisconnectCause, later: boolean): void {
    const session = this.live.get(vehicle);
    if (session === undefined || this.log.node(session.node).silent) return;
    this.#end(session, cause);
    if (!later) this.#notice(this.unnoticed.length - 1, cause, undefined);
  }

  #end(session: Session, cause: DisconnectCause): void {
    this.live.delete(session.vehicle);
    if (cause === 'client_disconnect') this.truth.set(session.vehicle, 'parked');
    else this.#lose(session, cause === 'revoked' || cause === 'certificate_expired');
    this.unnoticed.push({ session, cause });
  }

  #crash(node: string, restarts: boolean): void {
    this.log.node(node).silent = true;
    for (const [vehicle, session] of this.live) {
      if (session.node !== node) continue;
      this.live.delete(vehicle);
      this.#lose(session, false);
      this.ended.push(session);
    }
    // What it had not said yet it never says; a clean leave that nobody heard of is a loss like any other.
    for (const { session, cause } of this.unnoticed) {
      if (session.node === node && cause !== undefined && !this.live.has(session.vehicle) && this.#isNewest(session))
        this.#lose(session, false);
    }
    this.unnoticed = this.unnoticed.filter(({ session }) => session.node !== node);
    if (restarts) this.#restart(node);
  }

  #restart(node: string): void {
    this.log.restart(node);
    this.log.node(node).silent = false;
    this.#write(this.log.lease(node));
  }

  /**
   * The node is silent for a while, closes what was replaced, and goes on with what it still holds under a new epoch. Its first lease is
   * there some time after that, and it may die before.
   */
  #stall({ node, seconds, announcingSeconds, leaves, dies }: Extract<Step, { kind: 'stall' }>): void {
    if (this.log.node(node).silent) return;
    this.log.node(node).silent = true;
    this.#pass(seconds);
    this.#notice(0, 'taken_over', node);
    this.log.restart(node);
    for (const [vehicle, session] of this.live) {
      if (session.node !== node) continue;
      const resumed = { ...session, id: `${session.id}'` };
      this.#write(
        this.log.connected(vehicle, resumed.id, { node, resumed: true, connectedAt: session.connectedAt, ...announced(session) }),
      );
      this.live.set(vehicle, resumed);
    }
    const leaving = leaves === null ? undefined : this.live.get(leaves.vehicle);
    if (leaves !== null && leaving?.node === node) {
      this.#end(leaving, leaves.cause);
      this.#notice(0, leaves.cause, node);
    }
    this.#pass(announcingSeconds);
    if (dies) {
      this.#crash(node, false);
      return;
    }
    this.log.node(node).silent = false;
    this.#write(this.log.lease(node));
  }

  /** The end of one session, or of all of a node, reaches the log. */
  #notice(which: number, cause: DisconnectCause, node: string | undefined): void {
    const due =
      node === undefined
        ? this.unnoticed.slice(which % Math.max(1, this.unnoticed.length)).slice(0, 1)
        : this.unnoticed.filter(({ session }) => session.node === node);
    for (const end of due) {
      if (node === undefined && this.log.node(end.session.node).silent) continue;
      this.unnoticed = this.unnoticed.filter((other) => other !== end);
      this.ended.push(end.session);
      this.#write(this.log.disconnected(end.session.vehicle, end.session.id, end.cause ?? cause, end.session.node));
    }
  }

  /** A node that lives notices what is over within 20 s. */
  #pass(seconds: number): void {
    for (let left = seconds; left > 0; left -= 10) {
      this.log.pass(Math.min(10, left));
      for (const end of [...this.unnoticed]) {
        end.sinceMs ??= this.log.nowMs;
        if (this.log.nowMs - end.sinceMs >= 10_000) this.#notice(this.unnoticed.indexOf(end), 'taken_over', undefined);
      }
    }
  }

  #lose(session: Session, atOnce: boolean): void {
    this.truth.set(session.vehicle, 'lost');
    this.losses.set(session.vehicle, { atMs: this.log.nowMs, session, atOnce });
  }

  #session(vehicle: string, node: string, willDelaySeconds?: number): Session {
    this.#sessions += 1;
    const connectedAt = new Date(this.log.nowMs + this.#sessions).toISOString();
    const session = { vehicle, node, id: `${vehicle}-${this.#sessions}`, connectedAt, willDelaySeconds };
    this.sessions.push(session);
    return session;
  }

  #isNewest({ vehicle, id }: Session): boolean {
    const number = (session: Session) => Number(session.id.split('-')[1]?.replaceAll("'", ''));
    const mine = Number(id.split('-')[1]?.replaceAll("'", ''));
    return [...this.ended, ...this.unnoticed.map(({ session }) => session)].every(
      (other) => other.vehicle !== vehicle || number(other) <= mine,
    );
  }

  #write(record: PresenceRecord): void {
    this.records.push(record);
  }

  /** Never before grace and Will Delay are over; and the will that was announced stands on the alert. */
  #checkGrace({ vehicleId, openedAtMs, will }: OpenAlert): void {
    const loss = this.losses.get(vehicleId);
    if (loss === undefined) return;
    const { atMs, atOnce, session } = loss;
    const graceSeconds = atOnce ? 0 : Math.max(GRACE_SECONDS, session.willDelaySeconds ?? 0);
    expect(openedAtMs - atMs, `${vehicleId}: the alert came too early`).toBeGreaterThanOrEqual(graceSeconds * 1_000 - LOG_LAG_MS);
    if (session.willDelaySeconds !== undefined)
      expect(will, `${vehicleId}: its will`).toMatchObject({ topic: `fleet/${vehicleId}/status` });
  }

  /** No alert about a vehicle that is not lost, and never two. */
  #check(): void {
    const open = new Set<string>();
    this.log.effects.forEach((effect, index) => {
      if (effect.kind !== 'open_alert' && effect.kind !== 'resolve_alert') return;
      const alert = `${effect.vehicleId} ${effect.type}`;
      if (effect.kind === 'open_alert') {
        expect(open.has(alert), `${alert} opened twice`).toBe(false);
        open.add(alert);
        if (index >= this.#checked && effect.type === 'offline') {
          expect(this.truth.get(effect.vehicleId), `alert about ${effect.vehicleId}`).toBe('lost');
          this.#checkGrace(effect);
        }
      } else {
        expect(open.has(alert), `${alert} resolved without being open`).toBe(true);
        open.delete(alert);
      }
    });
    this.#checked = this.log.effects.length;
  }
}

const announced = ({ vehicle, willDelaySeconds: delaySeconds }: Session) =>
  delaySeconds === undefined
    ? {}
    : { will: { topic: `fleet/${vehicle}/status`, payloadBase64: '', qos: 1, retain: false, delaySeconds } as const };
