import { defaultPolicy, fixedPolicy } from '@milepost/presence';
import { useTestScope } from '@milepost/test-support';
import { beforeEach, expect, it } from 'vitest';
import { startProcess, WrittenLog } from './written-log.js';

const scope = useTestScope();
let log: WrittenLog;
let rows: <T>(sql: string, values?: unknown[]) => Promise<T[]>;

beforeEach(async () => {
  const database = await scope.database();
  rows = async <T>(sql: string, values: unknown[] = []) => (await database.owner.query(sql, values)).rows as T[];
  const policies = fixedPolicy({ ...defaultPolicy, deadZoneGraceMs: 120_000 });
  log = new WrittenLog([await startProcess(scope, database, 1, () => policies)], ['a'], 1);
});

/** Where ingest last saw a vehicle. */
const place = (vehicleId: string, latitude: number, longitude: number) =>
  rows(
    `insert into latest_positions (vehicle, organisation_id, last_contact_at, recorded_at, received_at, identity, latitude, longitude)
     select id, organisation_id, now(), now(), now(), 1, $2, $3 from vehicles where vehicle_id = $1
     on conflict (vehicle) do update set latitude = excluded.latitude, longitude = excluded.longitude`,
    [vehicleId, latitude, longitude],
  );

const outage = async (vehicleId: string, connection: string, seconds: number) => {
  log.lost(0, vehicleId, connection);
  await log.pass(seconds);
  log.connected(0, vehicleId, `${connection}'`);
  await log.pass(4);
};

it('an alert says how often the vehicle was out lately, and whether others are lost near there', async () => {
  const vehicles = ['near-1', 'near-2', 'near-3', 'far', 'last'];
  for (const id of vehicles) log.connected(0, id, `${id}-1`);
  await log.pass(6);
  // About 300 m apart; a degree further there are none.
  await place('near-1', 60.1, 24.9);
  await place('near-2', 60.1, 24.905);
  await place('near-3', 60.102, 24.9);
  await place('far', 61.1, 24.9);
  await place('last', 60.1005, 24.901);
  await outage('near-1', 'near-1-1', 10);
  await outage('near-2', 'near-2-1', 20);
  await outage('near-3', 'near-3-1', 20);
  await outage('far', 'far-1', 20);
  const losses = await rows<{ seconds: number }>(
    `select round(extract(epoch from returned_at - lost_at))::int as seconds from contact_losses order by lost_at`,
  );
  expect(losses).toMatchObject([{ seconds: 10 }, { seconds: 20 }, { seconds: 20 }, { seconds: 20 }]);

  // The place is known for it: the policy's longer grace holds there.
  log.lost(0, 'last', 'last-1');
  await log.pass(100);
  expect(await rows('select 1 from alerts')).toEqual([]);
  await log.pass(24);
  const [first] = await rows<{ details: object; vehicle: number }>('select * from alerts');
  expect(first?.details).toEqual({ earlierOutages: { count: 0, totalSeconds: 0 }, deadZone: { losses: 3, medianSeconds: 20 } });
  log.connected(0, 'last', 'last-2');
  await log.pass(10);

  // The second one knows of the first; elsewhere the usual grace holds.
  await place('last', 62, 24.9);
  log.lost(0, 'last', 'last-2');
  await log.pass(36);
  const [second] = await rows<{ details: { earlierOutages: { count: number; totalSeconds: number }; deadZone?: object } }>(
    'select * from alerts order by opened_at desc limit 1',
  );
  expect(second?.details.earlierOutages.count).toBe(1);
  expect(second?.details.earlierOutages.totalSeconds).toBeGreaterThan(120);
  expect(second?.details.deadZone).toBeUndefined();
});
