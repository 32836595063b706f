import { sql } from '@milepost/database';
import type { AlertEffect, AnnotateAlert, Effect, OpenAlert, RaiseAlert, ResolveAlert, TellAlert } from '@milepost/presence';
import type { PoolClient } from 'pg';
import { type AlertRow, alertOf } from './alert-row.js';
import { type Announcement, announce } from './outbox.js';
import { saveLosses } from './save-losses.js';
import { shownWill } from './shown-will.js';

const openAlerts = sql('alerts/lifecycle/open-alerts');
const resolveAlerts = sql('alerts/lifecycle/resolve-alerts');
const annotateAlert = sql('alerts/lifecycle/annotate-alert');
const raiseAlert = sql('alerts/lifecycle/raise-alert');
const tellAlerts = sql('alerts/lifecycle/tell-alerts');
const saveHistory = sql('alerts/lifecycle/save-history');

/** Alerts that changed, for metrics and logs. */
export interface Applied {
  opened: { row: AlertRow; vehicleId: string; latenessMs: number }[];
  resolved: { row: AlertRow; vehicleId: string }[];
}

/** Brings the machine's effects into the tables: state, history and outbox of each transition in the one transaction. */
export async function applyEffects(client: PoolClient, effects: readonly Effect[]): Promise<Applied> {
  const applied: Applied = { opened: [], resolved: [] };
  await saveLosses(client, effects);
  for (const wave of wavesOf(effects.filter(touchesAlert))) {
    const vehicleIds = new Map<number, string>();
    for (const effect of wave) if (effect.kind !== 'annotate_alert') vehicleIds.set(effect.vehicle, effect.vehicleId);
    const named = <Row extends AlertRow>(row: Row) => ({ row, vehicleId: vehicleIds.get(row.vehicle) ?? '' });
    const opens = wave.filter((effect) => effect.kind === 'open_alert');
    const latenessOf = new Map(opens.map((effect) => [nameOf(effect), effect.latenessMs]));
    const opened = (await open(client, opens)).map(named);
    const resolved = (
      await resolve(
        client,
        wave.filter((effect) => effect.kind === 'resolve_alert'),
      )
    ).map(named);
    const raised: { row: AlertRow; vehicleId: string; atMs: number }[] = [];
    for (const effect of wave) {
      if (effect.kind === 'annotate_alert') await annotate(client, effect);
      if (effect.kind === 'raise_alert') raised.push(...(await raise(client, effect)).map((row) => ({ ...named(row), atMs: effect.atMs })));
    }
    const told = (
      await tell(
        client,
        wave.filter((effect) => effect.kind === 'tell_alert'),
      )
    ).map(named);
    await record(client, [
      ...opened.map((alert) => ({ ...alert, step: 'open' as const, at: alert.row.opened_at })),
      ...raised.map(({ atMs, ...alert }) => ({ ...alert, step: 'raised' as const, at: new Date(atMs) })),
      ...told.map((alert) => ({ ...alert, step: stepOf(alert.row), at: alert.row.last_notified_at ?? alert.row.opened_at })),
      ...resolved.map((alert) => ({
        ...alert,
        step: 'resolved' as const,
        at: alert.row.resolved_at ?? alert.row.opened_at,
        isUnheardOf: !alert.row.is_heard_of,
      })),
    ]);
    applied.opened.push(...opened.map((alert) => ({ ...alert, latenessMs: latenessOf.get(nameOf(alert.row)) ?? 0 })));
    applied.resolved.push(...resolved);
  }
  return applied;
}

const nameOf = ({ vehicle, type, key = '' }: { vehicle: number; type: string; key?: string }): string => `${vehicle}/${type}/${key}`;

/** In one wave an alert is touched once, or opened and told, so that each kind of effect can be one statement and none overtakes another. */
function* wavesOf(effects: readonly AlertEffect[]): Generator<AlertEffect[]> {
  let wave: AlertEffect[] = [];
  let touched = new Map<string, Effect['kind']>();
  for (const effect of effects) {
    const alert = nameOf(effect);
    const before = touched.get(alert);
    if (before !== undefined && !(before === 'open_alert' && effect.kind === 'tell_alert')) {
      yield wave;
      wave = [];
      touched = new Map();
    }
    touched.set(alert, effect.kind);
    wave.push(effect);
  }
  if (wave.length > 0) yield wave;
}

const touchesAlert = (effect: Effect): effect is AlertEffect => effect.kind !== 'lose_contact' && effect.kind !== 'regain_contact';

async function open(client: PoolClient, alerts: OpenAlert[]): Promise<AlertRow[]> {
  if (alerts.length === 0) return [];
  const { rows } = await client.query<AlertRow>({
    ...openAlerts,
    values: [
      alerts.map(({ organisationId }) => organisationId),
      alerts.map(({ vehicle }) => vehicle),
      alerts.map(({ vehicleId }) => vehicleId),
      alerts.map(({ type }) => type),
      alerts.map(({ severity }) => severity),
      alerts.map(({ cause }) => cause ?? null),
      alerts.map(({ incidentId }) => incidentId ?? null),
      alerts.map(({ openedAtMs }) => openedAtMs),
      alerts.map(({ will }) => (will === undefined ? null : JSON.stringify(shownWill(will)))),
      alerts.map(({ addresses, condition }) => detailsOf({ addresses, condition })),
      alerts.map(({ key = '' }) => key),
    ],
  });
  return rows;
}

/** With whether anybody has heard of it. */
type ResolvedRow = AlertRow & { is_heard_of: boolean };

async function resolve(client: PoolClient, alerts: ResolveAlert[]): Promise<ResolvedRow[]> {
  if (alerts.length === 0) return [];
  const { rows } = await client.query<ResolvedRow>({
    ...resolveAlerts,
    values: [
      alerts.map(({ vehicle }) => vehicle),
      alerts.map(({ type }) => type),
      alerts.map(({ resolvedAtMs }) => resolvedAtMs),
      alerts.map(({ outageSeconds }) => outageSeconds ?? null),
      alerts.map(({ key = '' }) => key),
    ],
  });
  return rows;
}

async function annotate(client: PoolClient, { vehicle, type, key = '', will, addresses, condition }: AnnotateAlert): Promise<void> {
  const values = [vehicle, type, will ? JSON.stringify(shownWill(will)) : null, detailsOf({ addresses, condition }), key];
  await client.query({ ...annotateAlert, values });
}

async function raise(client: PoolClient, { vehicle, type, key, severity, condition }: RaiseAlert): Promise<AlertRow[]> {
  const { rows } = await client.query<AlertRow>({ ...raiseAlert, values: [vehicle, type, key, severity, detailsOf({ condition })] });
  return rows;
}

/** What has no column of its own, or null where there is nothing of it. */
function detailsOf(details: { addresses?: string[] | undefined; condition?: object | undefined }): string | null {
  return details.addresses === undefined && details.condition === undefined ? null : JSON.stringify(details);
}

async function tell(client: PoolClient, alerts: TellAlert[]): Promise<AlertRow[]> {
  if (alerts.length === 0) return [];
  const values = [
    alerts.map(({ vehicle }) => vehicle),
    alerts.map(({ type }) => type),
    alerts.map(({ atMs }) => atMs),
    alerts.map(({ key = '' }) => key),
  ];
  const { rows } = await client.query<AlertRow>({ ...tellAlerts, values });
  return rows;
}

/** Told for the first time, or again. */
const stepOf = ({ notified_at: first, last_notified_at: last }: AlertRow): Step =>
  first?.getTime() === last?.getTime() ? 'notified' : 'reminded';

type Step = 'open' | 'raised' | 'notified' | 'reminded' | 'resolved';

interface Change {
  row: AlertRow;
  vehicleId: string;
  step: Step;
  at: Date;
  /** Nobody has heard of it: that it is over is no news. */
  isUnheardOf?: boolean;
}

const events = { notified: 'alert.opened', reminded: 'alert.reminded', resolved: 'alert.resolved' } as const;

async function record(client: PoolClient, changes: Change[]): Promise<void> {
  if (changes.length === 0) return;
  await client.query({
    ...saveHistory,
    values: [
      changes.map(({ row }) => row.id),
      changes.map(({ row }) => row.organisation_id),
      changes.map(({ at }) => at),
      changes.map(({ step }) => step),
    ],
  });
  const announcements = changes.flatMap(({ row, vehicleId, step, at, isUnheardOf }): Announcement[] => {
    // A raise is told by the step behind it.
    if (step === 'open' || step === 'raised' || isUnheardOf) return [];
    const data = { alert: alertOf(row, vehicleId) };
    return [{ organisationId: row.organisation_id, type: events[step], at, subject: row.id, recordKey: vehicleId, data }];
  });
  await announce(client, announcements);
}
