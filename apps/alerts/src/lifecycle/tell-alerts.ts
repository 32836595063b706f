import type { Logger } from '@milepost/runtime';
import type { AlertsMetrics } from '../metrics.js';
import type { Applied } from './apply-effects.js';

export interface TellAlertsOptions {
  logger: Logger;
  metrics: Pick<AlertsMetrics, 'opened' | 'resolved' | 'lateness'>;
}

/** Counts and logs alerts that changed, of presence and of conditions alike: when it is committed and not before. */
export function tellAlerts({ opened, resolved }: Applied, { logger, metrics }: TellAlertsOptions): void {
  for (const { row, vehicleId, latenessMs } of opened) {
    const { id: alertId, type, key, cause } = row;
    metrics.opened.inc({ type });
    if (type === 'offline') metrics.lateness.observe(latenessMs / 1_000);
    logger.info({ event: 'alerts.alert.opened', alertId, type, key, vehicleId, cause, latenessMs }, 'An alert was opened');
  }
  for (const { row, vehicleId } of resolved) {
    const { id: alertId, type, key, outage_seconds: outageSeconds } = row;
    metrics.resolved.inc({ type });
    logger.info({ event: 'alerts.alert.resolved', alertId, type, key, vehicleId, outageSeconds }, 'An alert was resolved');
  }
}
