import { createPool } from '@milepost/database';
import { createLogger } from '@milepost/runtime';
import { useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { forgetIdleConditions } from '../../../apps/alerts/src/conditions/forget-idle.js';

const scope = useTestScope();

it('of vehicles that were not judged for long only certificates and what is open are kept', async () => {
  const database = await scope.database();
  const pool = createPool({
    url: database.urlFor('milepost_alerts'),
    app: 'alerts',
    size: 2,
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  scope.onEnd(() => pool.end());
  const fixes = { base: {}, tail: [], head: {} };
  const certificate = { connectedAtMs: 1, serial: '0a', notAfterMs: 2 };
  const alert = { type: 'dtc', key: 'P0420', severity: 'warning', openedAtMs: 1, sinceMs: 1 };
  const known: [vehicle: number, daysAgo: number, machine: object][] = [
    [1, 40, { fixes, open: [] }],
    [2, 40, { fixes, certificate, open: [] }],
    [3, 40, { certificate, open: [] }],
    [4, 40, { fixes, open: [alert] }],
    [5, 30, { fixes, open: [] }],
    [6, 40, { open: [] }],
  ];
  for (const [vehicle, daysAgo, machine] of known)
    await database.owner.query(
      `insert into vehicle_conditions (vehicle, organisation_id, machine, judged_at) values ($1, 1, $2, now() - $3 * interval '1 day')`,
      [vehicle, JSON.stringify(machine), daysAgo],
    );
  // In pieces of two.
  expect(await forgetIdleConditions(pool, 35, { vehicles: 2 })).toBe(3);
  const { rows } = await database.owner.query('select vehicle, machine from vehicle_conditions order by vehicle');
  expect(rows).toEqual([
    { vehicle: 2, machine: { certificate, open: [] } },
    { vehicle: 3, machine: { certificate, open: [] } },
    { vehicle: 4, machine: { fixes, open: [alert] } },
    { vehicle: 5, machine: { fixes, open: [] } },
  ]);
  expect(await forgetIdleConditions(pool, 35)).toBe(0);
});
