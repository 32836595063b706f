import { sql } from '@milepost/database';
import type { AnnotateAlert, Effect, OpenAlert, ResolveAlert, Will } from '@milepost/presence';
import type { PoolClient } from 'pg';
import { type AlertRow, alertOf } from './alert-row.js';
import { type Announcement, announce } from './outbox.js';

const openAlerts = sql('alerts/open-alerts');
const resolveAlerts = sql('alerts/resolve-alerts');
const annotateAlert = sql('alerts/annotate-alert');
const saveHistory = sql('alerts/save-history');

/** Alerts that changed, for metrics and logs. */
export interface Applied {
  opened: { row: AlertRow; vehicleId: string; latenessMs: number }[];
  resolved: { row: AlertRow; vehicleId: string }[];
}

/** Brings the machine's effects into the tables: state, history and outbox of each transition in the one transaction. */
export async function applyEffects(client: PoolClient, effects: readonly Effect[]): Promise<Applied> {
  const applied: Applied = { opened: [], resolved: [] };
  for (const wave of wavesOf(effects)) {
    const vehicleIds = new Map<number, string>();
    for (const effect of wave) if (effect.kind !== 'annotate_alert') vehicleIds.set(effect.vehicle, effect.vehicleId);
    const named = (row: AlertRow) => ({ row, vehicleId: vehicleIds.get(row.vehicle) ?? '' });
    const opens = wave.filter((effect) => effect.kind === 'open_alert');
    const latenessOf = new Map(opens.map(({ vehicle, type, latenessMs }) => [`${vehicle}/${type}`, latenessMs]));
    const opened = (await open(client, opens)).map(named);
    const resolved = (
      await resolve(
        client,
        wave.filter((effect) => effect.kind === 'resolve_alert'),
      )
    ).map(named);
    for (const effect of wave) if (effect.kind === 'annotate_alert') await annotate(client, effect);
    await record(client, [...opened, ...resolved]);
    applied.opened.push(
      ...opened.map((alert) => ({ ...alert, latenessMs: latenessOf.get(`${alert.row.vehicle}/${alert.row.type}`) ?? 0 })),
    );
    applied.resolved.push(...resolved);
  }
  return applied;
}

/** In one wave an alert is touched once, so that each kind of effect can be one statement and none overtakes another. */
function* wavesOf(effects: readonly Effect[]): Generator<Effect[]> {
  let wave: Effect[] = [];
  let touched = new Set<string>();
  for (const effect of effects) {
    const alert = `${effect.vehicle}/${effect.type}`;
    if (touched.has(alert)) {
      yield wave;
      wave = [];
      touched = new Set();
    }
    touched.add(alert);
    wave.push(effect);
  }
  if (wave.length > 0) yield wave;
}

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
      alerts.map(({ addresses }) => (addresses === undefined ? null : JSON.stringify({ addresses }))),
    ],
  });
  return rows;
}

async function resolve(client: PoolClient, alerts: ResolveAlert[]): Promise<AlertRow[]> {
  if (alerts.length === 0) return [];
  const { rows } = await client.query<AlertRow>({
    ...resolveAlerts,
    values: [
      alerts.map(({ vehicle }) => vehicle),
      alerts.map(({ type }) => type),
      alerts.map(({ resolvedAtMs }) => resolvedAtMs),
      alerts.map(({ outageSeconds }) => outageSeconds ?? null),
    ],
  });
  return rows;
}

async function annotate(client: PoolClient, { vehicle, type, will, addresses }: AnnotateAlert): Promise<void> {
  const values = [vehicle, type, will ? JSON.stringify(shownWill(will)) : null, addresses ? JSON.stringify({ addresses }) : null];
  await client.query({ ...annotateAlert, values });
}

async function record(client: PoolClient, changed: { row: AlertRow; vehicleId: string }[]): Promise<void> {
  if (changed.length === 0) return;
  const rows = changed.map(({ row }) => row);
  const times = rows.map((row) => row.resolved_at ?? row.opened_at);
  await client.query({
    ...saveHistory,
    values: [rows.map(({ id }) => id), rows.map((row) => row.organisation_id), times, rows.map(({ status }) => status)],
  });
  const announcements = changed.map(
    ({ row, vehicleId }): Announcement => ({
      organisationId: row.organisation_id,
      type: row.status === 'resolved' ? 'alert.resolved' : 'alert.opened',
      at: row.resolved_at ?? row.opened_at,
      subject: row.id,
      recordKey: vehicleId,
      data: { alert: alertOf(row, vehicleId) },
    }),
  );
  await announce(client, announcements);
}

function shownWill({ topic, payloadBase64, publishedAtMs }: Will) {
  return { topic, payloadBase64, ...(publishedAtMs !== undefined && { publishedAt: new Date(publishedAtMs).toISOString() }) };
}
