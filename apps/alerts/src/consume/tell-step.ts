import type { Transition } from '@milepost/presence';
import type { Logger } from '@milepost/runtime';
import type { Applied } from '../lifecycle/apply-effects.js';
import { tellAlerts } from '../lifecycle/tell-alerts.js';
import type { AlertsMetrics } from '../metrics.js';
import type { SnapshotTaken } from '../store/snapshots.js';

export interface TellOptions {
  logger: Logger;
  metrics: AlertsMetrics;
}

/** What came of a batch, said when it is committed and not before. */
export function tellApplied(applied: Applied, transitions: readonly Transition[], options: TellOptions): void {
  for (const { from, to } of transitions) options.metrics.transitions.inc({ from, to });
  tellAlerts(applied, options);
}

export function tellSnapshot(
  partition: number,
  { logTimeMs, vehicles, bytes }: SnapshotTaken,
  { logger }: Pick<TellOptions, 'logger'>,
): void {
  const logTime = new Date(logTimeMs).toISOString();
  logger.info(
    { event: 'alerts.snapshot.taken', partition, logTime, vehicles, bytes },
    "A partition's state was kept; backtests can begin there",
  );
}

export interface ToldIncident {
  id: string;
  scope: string;
  node: string | null;
}

export function tellIncidentChange(
  change: 'opened' | 'closed',
  { id: incidentId, scope, node }: ToldIncident,
  vehicles: number,
  { logger, metrics }: TellOptions,
): void {
  metrics.incidents.inc({ change, scope });
  logger.warn({ event: `alerts.incident.${change}`, incidentId, scope, node, vehicles }, `An incident was ${change}`);
}
