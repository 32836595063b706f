import type { AlertSeverity, AlertType } from '@milepost/contracts';
import type { Effect } from '../effect.js';
import type { PendingNotice } from '../notices/notice.js';
import type { VehicleState } from '../state/vehicle-state.js';

/** An alert as effects made it. Times are log time. */
export interface LedgerAlert {
  vehicle: number;
  vehicleId: string;
  organisationId: number;
  type: AlertType;
  openedAtMs: number;
  severity?: AlertSeverity;
  cause?: string;
  incidentId?: string;
  /** When somebody was told first. */
  toldAtMs?: number;
  /** It was open before what is known here: why, and when it was told, is known no more. */
  seeded?: 'told' | 'untold';
  resolvedAtMs?: number;
  outageSeconds?: number;
}

/** What became of alerts, by the rules of their table: a vehicle has at most one open one of a type, and none is resolved before it opened. */
export class AlertLedger {
  readonly #open = new Map<string, LedgerAlert>();
  #news: LedgerAlert[] = [];

  /** Alerts that a vehicle's state says are open already. Their causes are not known any more. */
  seed({ vehicle, vehicleId, organisationId, notices = {} }: VehicleState): void {
    for (const [type, { openedAtMs, toldMs }] of Object.entries(notices) as [AlertType, PendingNotice][]) {
      this.#open.set(`${vehicle}/${type}`, {
        vehicle,
        vehicleId,
        organisationId,
        type,
        openedAtMs,
        seeded: toldMs === undefined ? 'untold' : 'told',
      });
    }
  }

  took(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'open_alert') this.#opened(effect);
      else if (effect.kind === 'tell_alert') {
        const alert = this.#open.get(`${effect.vehicle}/${effect.type}`);
        if (alert !== undefined && alert.seeded !== 'told') alert.toldAtMs ??= effect.atMs;
      } else if (effect.kind === 'resolve_alert') {
        const key = `${effect.vehicle}/${effect.type}`;
        const alert = this.#open.get(key);
        if (alert === undefined) continue;
        this.#open.delete(key);
        alert.resolvedAtMs = Math.max(effect.resolvedAtMs, alert.openedAtMs);
        if (effect.outageSeconds !== undefined) alert.outageSeconds = effect.outageSeconds;
        this.#news.push(alert);
      }
    }
  }

  /** Alerts that were resolved since the last time that it was asked. */
  takeResolved(): LedgerAlert[] {
    const resolved = this.#news;
    this.#news = [];
    return resolved;
  }

  /** Those that are still open. */
  open(): LedgerAlert[] {
    return [...this.#open.values()];
  }

  #opened(effect: Extract<Effect, { kind: 'open_alert' }>): void {
    const { vehicle, vehicleId, organisationId, type, severity, cause, openedAtMs, incidentId } = effect;
    const key = `${vehicle}/${type}`;
    if (this.#open.has(key)) return;
    this.#open.set(key, {
      vehicle,
      vehicleId,
      organisationId,
      type,
      severity,
      openedAtMs,
      ...(cause !== undefined && { cause }),
      ...(incidentId !== undefined && { incidentId }),
    });
  }
}
