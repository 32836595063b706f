import type { ReplayedIncident } from '@milepost/presence';
import { table } from '../output.js';
import type { BacktestResult } from './backtest.js';
import type { ComparedAlert, Verdict } from './comparison.js';

const verdicts: readonly Verdict[] = ['same', 'other time', 'other cause', 'only with this policy', 'only in reality'];

/** Tables for a person: alerts with where they differ, incidents, and the sums. */
export function asTables({ alerts, incidents }: BacktestResult): string {
  const rows = alerts.map(({ verdict, real, replayed }) => {
    const { vehicleId, type, cause, openedAtMs, toldAtMs, resolvedAtMs } = (replayed ?? real) as ComparedAlert;
    const was = verdict === 'other time' && real ? `${time(real.openedAtMs)} / ${time(real.toldAtMs)} / ${time(real.resolvedAtMs)}` : '';
    return [vehicleId, type, cause ?? real?.cause ?? '', time(openedAtMs), time(toldAtMs), time(resolvedAtMs), verdict, was];
  });
  const sums = verdicts.map((verdict) => [verdict, String(alerts.filter((one) => one.verdict === verdict).length)]);
  const tables = [
    table(['VEHICLE', 'TYPE', 'CAUSE', 'OPENED', 'TOLD', 'RESOLVED', 'COMPARED', 'WAS OPENED / TOLD / RESOLVED'], rows),
    table(
      ['INCIDENT', 'NODE', 'OPENED', 'CLOSED', 'VEHICLES', ''],
      [
        ...incidents.replayed.map((incident) => [...incidentRow(incident), 'replayed']),
        ...incidents.real.map((incident) => [...incidentRow(incident), 'real']),
      ],
    ),
    table(['COMPARED', 'ALERTS'], sums),
  ];
  return tables.join('\n\n');
}

/** The same for programs; times are RFC 3339. */
export function asJson({ sinceMs, untilMs, fromMs, batches, alerts, incidents }: BacktestResult): string {
  const alert = ({ vehicleId, type, severity, cause, incidentId, openedAtMs, toldAtMs, resolvedAtMs }: ComparedAlert) => ({
    vehicleId,
    type,
    severity,
    cause,
    incidentId,
    openedAt: time(openedAtMs),
    notifiedAt: time(toldAtMs) || undefined,
    resolvedAt: time(resolvedAtMs) || undefined,
  });
  const incident = ({ id, node, openedAtMs, closedAtMs, members }: ReplayedIncident) => ({
    id,
    node,
    openedAt: time(openedAtMs),
    closedAt: time(closedAtMs) || undefined,
    members: [...members].sort(),
  });
  return JSON.stringify({
    since: time(sinceMs),
    until: time(untilMs),
    snapshots: time(fromMs),
    batches,
    counts: Object.fromEntries(verdicts.map((verdict) => [verdict, alerts.filter((one) => one.verdict === verdict).length])),
    alerts: alerts.map(({ verdict, real, replayed }) => ({
      compared: verdict,
      ...(replayed && { replayed: alert(replayed) }),
      ...(real && { real: alert(real) }),
    })),
    incidents: { replayed: incidents.replayed.map(incident), real: incidents.real.map(incident) },
  });
}

function incidentRow({ id, node, openedAtMs, closedAtMs, members }: ReplayedIncident): string[] {
  return [id, node ?? '(organisation)', time(openedAtMs), time(closedAtMs), String(members.size)];
}

const time = (atMs: number | undefined) => (atMs === undefined ? '' : new Date(atMs).toISOString());
