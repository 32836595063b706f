import { expect } from 'vitest';
import type { AlertEffect, OpenAlert } from '../effect.js';
import type { FixtureLog } from '../log.fixture.js';

/** A connection as the world knows it. */
export interface Session {
  vehicle: string;
  node: string;
  id: string;
  connectedAt: string;
  /** Announced in CONNECT; undefined: no will. */
  willDelaySeconds?: number | undefined;
  /** It left and said that its session ends with that. */
  sessionEnded?: true;
}

/** How a vehicle was really lost. */
export interface Loss {
  /** Log time. */
  atMs: number;
  /** How often the log's clock had been set back by then: times of before and after say nothing of each other. */
  setBacks: number;
  session: Session;
  atOnce: boolean;
}

/** What the world knows that alerts must agree with. */
export interface Known {
  readonly truth: ReadonlyMap<string, 'online' | 'parked' | 'lost'>;
  readonly losses: ReadonlyMap<string, Loss>;
  readonly sessions: readonly Session[];
  readonly setBacks: number;
  /** Log time until which nobody is told. */
  readonly mutedUntilMs: number;
  /** Nobody can know that it is there, or took its leave: its node is silent. */
  isUnheard(vehicleId: string): boolean;
}

/** Log time is the oldest lease: so far it may be behind while a node is silent and not yet lost. */
const LOG_LAG_MS = 15_000;
const GRACE_SECONDS = 30;
const NODE_GRACE_SECONDS = 150;
/** A deadline is judged behind the leases that reach it; a step of the clock is 4 s at the most. */
const STEPS_MS = 8_000;

/** What holds of alerts behind every step, in whatever order the log tells what happened. */
export class Laws {
  readonly #log: FixtureLog;
  readonly #open = new Map<string, { told: boolean }>();
  #checked = 0;

  constructor(log: FixtureLog) {
    this.#log = log;
  }

  check(known: Known): void {
    for (const effect of this.#log.effects.slice(this.#checked)) this.#took(effect, known);
    this.#checked = this.#log.effects.length;
    for (const { vehicle } of known.sessions) this.#checkWait(vehicle, known);
  }

  /** Nothing mutes anybody any more: each alert that is open was told. */
  end(): void {
    for (const [alert, { told }] of this.#open) expect(told, `${alert} was never told`).toBe(true);
  }

  #took(effect: AlertEffect, known: Known): void {
    if (effect.kind !== 'open_alert' && effect.kind !== 'resolve_alert' && effect.kind !== 'tell_alert') return;
    const alert = `${effect.vehicleId} ${effect.type}`;
    const open = this.#open.get(alert);
    if (effect.kind === 'open_alert') {
      expect(open, `${alert} opened twice`).toBeUndefined();
      this.#open.set(alert, { told: false });
      if (effect.type === 'offline') this.#checkOffline(effect, known);
      return;
    }
    expect(open, `${alert}: ${effect.kind} without being open`).toBeDefined();
    if (effect.kind === 'resolve_alert') {
      this.#open.delete(alert);
      return;
    }
    expect(open?.told, `${alert} told twice`).toBe(false);
    this.#open.set(alert, { told: true });
    expect(effect.atMs, `${alert} told while it is muted`).toBeGreaterThanOrEqual(known.mutedUntilMs);
  }

  /** Of a vehicle that is lost, as far as anybody can know; never before grace and Will Delay are over; and the will that was announced stands on it. */
  #checkOffline({ vehicleId, openedAtMs, will }: OpenAlert, { truth, losses, setBacks, isUnheard }: Known): void {
    if (isUnheard(vehicleId)) return;
    expect(truth.get(vehicleId), `alert about ${vehicleId}`).toBe('lost');
    const loss = losses.get(vehicleId);
    if (loss === undefined) return;
    const { session } = loss;
    if (loss.setBacks === setBacks) {
      const graceSeconds = loss.atOnce ? 0 : Math.max(GRACE_SECONDS, delayOf(session));
      const waitedMs = openedAtMs - loss.atMs;
      expect(waitedMs, `${vehicleId}: the alert came too early`).toBeGreaterThanOrEqual(graceSeconds * 1_000 - LOG_LAG_MS);
    }
    if (session.willDelaySeconds !== undefined)
      expect(will, `${vehicleId}: its will`).toMatchObject({ topic: `fleet/${vehicleId}/status` });
  }

  /** Nobody waits for longer than the grace of how it was lost, by the partition's clock. */
  #checkWait(vehicleId: string, { sessions }: Known): void {
    const presence = this.#log.presence.vehicle(vehicleId)?.presence;
    if (presence?.kind !== 'suspect') return;
    const session = sessions.find(({ id }) => id === presence.connectionId);
    const graceSeconds = Math.max(presence.cause === 'node_lost' ? NODE_GRACE_SECONDS : GRACE_SECONDS, session ? delayOf(session) : 0);
    const waitedMs = this.#log.presence.clock.clockMs - presence.lostClockMs;
    expect(waitedMs, `${vehicleId} waits`).toBeLessThanOrEqual(graceSeconds * 1_000 + STEPS_MS);
  }
}

const delayOf = ({ willDelaySeconds = 0, sessionEnded }: Session): number => (sessionEnded ? 0 : willDelaySeconds);
