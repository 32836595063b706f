import type { Event } from '@milepost/contracts';
import { PolicyBook, type PolicyChange } from '@milepost/presence';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeEach, expect, it } from 'vitest';
import { startProcess, WrittenLog } from './written-log.js';

const scope = useTestScope();
const vehicles = Array.from({ length: 30 }, (_, index) => `v${index}`);
let database: TestDatabase;
let log: WrittenLog;
let book: PolicyBook;

const say = (...changes: PolicyChange[]) => {
  book = book.with(changes.map((change, index) => ({ id: book.version + index + 1, change })));
};
const numberOf = async (vehicleId: string) =>
  (await database.owner.query<{ id: number }>('select id from vehicles where vehicle_id = $1', [vehicleId])).rows[0]?.id ?? 0;
const organisation = async () => {
  const { rows } = await database.owner.query<{ id: number }>(`select id from organisations where name = 'default'`);
  return { id: 'all', organisationId: rows[0]?.id ?? 0, scope: 'organisation' as const, fromMs: log.nowMs };
};
const told = async () => {
  const { rows } = await database.owner.query<{ body: string }>('select body from outbox order by id');
  return rows.map(({ body }) => JSON.parse(body) as Event);
};
const connectAll = (ids: string[], round: string) => {
  for (const id of ids) log.connected(0, id, `${id}-${round}`);
};
const loseAll = async (round: string) => {
  for (const id of vehicles) log.lost(0, id, `${id}-${round}`);
  await log.pass(60);
};

beforeEach(async () => {
  database = await scope.database();
  book = PolicyBook.empty;
  log = new WrittenLog([await startProcess(scope, database, 1, () => book)], ['a'], 1);
  connectAll(vehicles, '1');
  await log.pass(10);
});

it('an incident all of whose vehicles are muted is not told, nor is its end', async () => {
  say({ kind: 'mute', removed: false, ...(await organisation()) });
  await loseAll('1');
  const { rows } = await database.owner.query('select vehicles, notified_at from incidents');
  expect(rows).toEqual([{ vehicles: 30, notified_at: null }]);
  connectAll(vehicles, '2');
  await log.pass(320);
  expect((await database.owner.query('select from incidents where closed_at is not null')).rowCount).toBe(1);
  expect(await told()).toEqual([]);
});

it('a maintenance window holds an incident back, and it is told when that ends, with who is back by then', async () => {
  const to = new Date(log.nowMs + 120_000).toISOString();
  const window = { from: new Date(log.nowMs - 1_000).toISOString(), to };
  const { organisationId } = await organisation();
  say({ kind: 'policy', organisationId, scope: 'organisation', priority: 0, settings: { maintenanceWindows: [window] } });
  await loseAll('1');
  connectAll(vehicles.slice(0, 10), '2');
  await log.pass(40);
  expect(await told()).toEqual([]);
  await log.pass(30);
  const [opened, ...more] = await told();
  expect(more).toEqual([]);
  expect(opened).toMatchObject({ type: 'incident.opened', data: { incident: { status: 'open', vehicles: 30, returned: 10 } } });
  const { openedAt = '', notifiedAt = '' } = opened?.data.incident ?? {};
  expect([openedAt < to, notifiedAt >= to, opened?.timestamp]).toEqual([true, true, notifiedAt]);
  connectAll(vehicles.slice(10), '2');
  await log.pass(320);
  expect((await told()).map(({ type }) => type)).toEqual(['incident.opened', 'incident.closed']);
});

it('an incident is told at once when one of its vehicles is not muted', async () => {
  const { organisationId } = await organisation();
  for (const [index, id] of vehicles.slice(1).entries())
    say({
      kind: 'mute',
      removed: false,
      id: `m${index}`,
      organisationId,
      scope: 'vehicle',
      vehicle: await numberOf(id),
      fromMs: log.nowMs,
    });
  await loseAll('1');
  expect((await told()).map(({ type }) => type)).toEqual(['incident.opened']);
});
