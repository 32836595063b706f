import { createLogger, createMetrics as createRegistry } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { createMetrics } from '../metrics.js';
import type { AlertRow } from './alert-row.js';
import { tellAlerts } from './tell-alerts.js';

test('an alert is told alike, whether of presence or of a condition', async () => {
  const metrics = createMetrics(createRegistry('test'), () => ({ vehicles: new Map(), deadlines: 0, clocks: [] }));
  const logger = createLogger({ app: 'test', level: 'silent' });
  const lines: unknown[] = [];
  logger.info = (fields: unknown) => lines.push(fields);
  const row = (more: Partial<AlertRow>) => ({ id: 'a', key: '', cause: null, outage_seconds: null, ...more }) as AlertRow;
  const offline = row({ type: 'offline', cause: 'keep_alive_timeout', outage_seconds: 12 });
  const dtc = row({ id: 'b', type: 'dtc', key: 'P0420' });
  const applied = [offline, dtc].map((one) => ({ row: one, vehicleId: 'v', latenessMs: 500 }));
  tellAlerts({ opened: applied, resolved: applied }, { logger, metrics });
  expect(lines).toEqual([
    {
      event: 'alerts.alert.opened',
      alertId: 'a',
      type: 'offline',
      key: '',
      vehicleId: 'v',
      cause: 'keep_alive_timeout',
      latenessMs: 500,
    },
    { event: 'alerts.alert.opened', alertId: 'b', type: 'dtc', key: 'P0420', vehicleId: 'v', cause: null, latenessMs: 500 },
    { event: 'alerts.alert.resolved', alertId: 'a', type: 'offline', key: '', vehicleId: 'v', outageSeconds: 12 },
    { event: 'alerts.alert.resolved', alertId: 'b', type: 'dtc', key: 'P0420', vehicleId: 'v', outageSeconds: null },
  ]);
  const counts = async (counter: typeof metrics.opened) =>
    (await counter.get()).values.map(({ labels, value }) => [...Object.values(labels), value]);
  const one = [
    ['offline', 1],
    ['dtc', 1],
  ];
  expect([await counts(metrics.opened), await counts(metrics.resolved)]).toEqual([one, one]);
  // From a deadline to the alert: a condition has none.
  expect((await metrics.lateness.get()).values.find(({ metricName }) => metricName?.endsWith('_count'))?.value).toBe(1);
});
