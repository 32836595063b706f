import { sql } from '@milepost/database';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { startProcess, WrittenLog } from './written-log.js';

const scope = useTestScope();
const PARTITIONS = 2;
let database: TestDatabase;
let log: WrittenLog;

beforeEach(async () => {
  database = await scope.database();
  const processes = [await startProcess(scope, database, PARTITIONS), await startProcess(scope, database, PARTITIONS)];
  log = new WrittenLog(processes, ['a', 'b'], PARTITIONS);
});

const organisationOf = (vehicle: number) => (vehicle % 3 === 0 ? 'acme' : 'default');
const connect = (vehicle: number, life: number, node: string) =>
  log.connected(vehicle % PARTITIONS, `v${vehicle}`, `v${vehicle}-${life}`, node, organisationOf(vehicle));
const lose = (vehicle: number, life: number, node: string) =>
  log.lost(vehicle % PARTITIONS, `v${vehicle}`, `v${vehicle}-${life}`, node, organisationOf(vehicle));

/** Vehicles that stay, that come back where they were, that come back elsewhere, that stay away, and that leave in peace after a loss; some long ago. */
async function live(): Promise<void> {
  for (let vehicle = 0; vehicle < 120; vehicle += 1) connect(vehicle, 1, vehicle % 2 === 0 ? 'a' : 'b');
  await log.pass(10);
  for (let round = 0; round < 3; round += 1) {
    for (let vehicle = round * 40; vehicle < round * 40 + 40; vehicle += 1) {
      const node = vehicle % 2 === 0 ? 'a' : 'b';
      if (vehicle % 5 === 0) continue;
      lose(vehicle, 1, node);
      if (vehicle % 5 === 1) connect(vehicle, 2, node);
      if (vehicle % 5 === 2) connect(vehicle, 2, round === 1 ? 'a' : 'b');
      if (vehicle % 10 === 3) connect(vehicle, 2, node);
    }
    await log.pass(20);
    for (let vehicle = round * 40; vehicle < round * 40 + 40; vehicle += 1) {
      if (vehicle % 10 !== 3) continue;
      const ids = { vehicleId: `v${vehicle}`, organisation: organisationOf(vehicle), connectionId: `v${vehicle}-2` };
      log.append(vehicle % PARTITIONS, vehicle % 2 === 0 ? 'a' : 'b', { kind: 'disconnected', ...ids, cause: 'client_disconnect' });
    }
    await log.pass(40);
  }
}

type Counted = { node: number; organisation: number };

/** By looking at every vehicle, as DESIGN has it: who is connected there and lost no contact in that time, and who lost it there. */
async function countedOneByOne(node: string, organisation: number, fromMs: number, toMs: number): Promise<Counted | undefined> {
  const { rows } = await database.owner.query<Counted>(
    `select (count(*) filter (where case when near then lost_node = $1 else state = 'online' and node = $1 end))::int as node,
            (count(*) filter (where organisation_id = $2 and (near or state = 'online')))::int as organisation
       from (select *, coalesce(lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000), false) as near from vehicle_presence) p`,
    [node, organisation, fromMs, toMs],
  );
  return rows[0];
}

async function counted(...values: [string, number, number, number]): Promise<Counted | undefined> {
  const { rows } = await database.owner.query<Counted>(sql('alerts/storm/connected-before').text, values);
  return rows[0];
}

async function organisations(): Promise<number[]> {
  const { rows } = await database.owner.query<{ id: number }>('select distinct organisation_id as id from vehicle_presence order by 1');
  return rows.map(({ id }) => id);
}

describe('how many were connected before a storm', () => {
  it('is what counting every vehicle says, of whichever minutes', async () => {
    const beganAtMs = log.nowMs;
    await live();
    const told = new Set<number>();
    for (const organisation of await organisations()) {
      for (const node of ['a', 'b']) {
        for (let fromMs = beganAtMs - 60_000; fromMs <= log.nowMs; fromMs += 19_000) {
          for (const lengthMs of [1_000, 30_000, 121_000]) {
            const question = [node, organisation, fromMs, fromMs + lengthMs] as const;
            const answer = await counted(...question);
            expect(answer).toEqual(await countedOneByOne(...question));
            told.add(answer?.node ?? 0);
          }
        }
      }
    }
    expect(told.size).toBeGreaterThan(3);
  });

  it('is counted anew by a process that takes a partition over, whatever stood there', async () => {
    await live();
    await database.owner.query(`update connected_vehicles set vehicles = vehicles + 1000`);
    await database.owner.query(
      `insert into connected_vehicles (node, organisation_id, presence_partition, vehicles) select 'gone', min(organisation_id), 0, 5 from vehicle_presence`,
    );
    const [one, other] = log.processes;
    if (one === undefined || other === undefined) throw new Error('two processes');
    await log.move(0, other);
    await log.move(1, one);
    await log.pass(2);
    const { rows } = await database.owner.query(
      `select count(*)::int as wrong
         from (select node, organisation_id, presence_partition, count(*)::int as vehicles from vehicle_presence where state = 'online' group by 1, 2, 3) p
         full join connected_vehicles c using (node, organisation_id, presence_partition)
        where p.vehicles is distinct from c.vehicles`,
    );
    expect(rows).toEqual([{ wrong: 0 }]);
  });
});

describe('the guard looks at no vehicle that is connected and did not move', () => {
  beforeEach(async () => {
    // 20,000 that were all cut in the last minute and are back, 20 that are not: enough that an index pays.
    await database.owner.query(`
      insert into vehicle_presence (vehicle, organisation_id, presence_partition, state, since, cause, node, lost_at, lost_node, machine)
      select n, 1, n % 12, case when n % 1000 = 0 then 'suspect' else 'online' end, now(), case when n % 1000 = 0 then 'network_error' end, 'a',
             now() - n * interval '3 ms', 'a', '{}'
        from generate_series(1, 20000) n;
      insert into connected_vehicles (node, organisation_id, presence_partition, vehicles) select 'a', 1, n, 1665 from generate_series(0, 11) n;
      analyze;
    `);
  });

  it.each([
    ['away-around', `, '{network_error}'`],
    ['connected-before', ''],
  ])('%s, by a plan that is made without looking at the values', async (name, more) => {
    const client = await database.owner.connect();
    try {
      await client.query('set plan_cache_mode = force_generic_plan');
      await client.query(`prepare planned as ${sql(`alerts/storm/${name}`).text}`);
      const toMs = Date.now();
      const explain = `explain (analyze, costs off, timing off, summary off, buffers off) execute planned('a', 1, ${toMs - 121_000}, ${toMs}${more})`;
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(explain);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('vehicle_presence_away_');
      expect(plan).not.toContain('Seq Scan on vehicle_presence');
      const looked = [...plan.matchAll(/vehicle_presence.*actual rows=([\d.]+)/g)].map(([, count]) => Number(count));
      expect(Math.max(...looked)).toBe(20);
    } finally {
      client.release(true);
    }
  });
});
