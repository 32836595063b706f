import { advisoryLocks, createPool } from '@milepost/database';
import { createLogger, createMetrics } from '@milepost/runtime';
import { useTestScope } from '@milepost/test-support';
import type { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createIngestMetrics } from '../../../apps/ingest/src/metrics.js';
import { upkeep } from '../../../apps/ingest/src/partitions/upkeep.js';

const scope = useTestScope();
const logger = createLogger({ app: 'test', level: 'silent' });

/** A database of one's own, a process that keeps it up, and what its metrics say. */
async function keeper() {
  const database = await scope.database();
  const pool = createPool({ url: database.urlFor('milepost_ingest'), app: 'ingest', size: 2, logger });
  // As the app has it: one connection, which a step must not want twice.
  const owner = createPool({ url: database.ownerUrl, app: 'ingest-upkeep', size: 1, logger });
  scope.onEnd(async () => void (await Promise.all([pool.end(), owner.end()])));
  const registry = createMetrics('test');
  const metrics = createIngestMetrics(registry);
  const sum = async (name: string, labels: Record<string, string>) => {
    const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] };
    return values
      .filter((value) => Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted))
      .reduce((total, { value }) => total + value, 0);
  };
  const letter = (offset: number, age: string, relayed: boolean) =>
    database.owner.query(
      `insert into dead_letters (topic, partition, "offset", at, organisation_id, record_timestamp, payload, errors, error_count, relayed_at)
       values ('fleet.location', 0, $1, now() - $2::interval, 1, now(), '', '[]', 1, case when $3 then now() end)`,
      [offset, age, relayed],
    );
  return {
    database,
    turn: (as: { owner: Pool | undefined } = { owner }) =>
      upkeep({ pool, ...as, retentionDays: 7, deadLetterDays: 30, conditionFactDays: 5, logger, metrics }),
    turns: (step: string, outcome: string) => sum('milepost_ingest_upkeep_turns_total', { step, outcome }),
    partitions: (table: string, change: string) => sum('milepost_ingest_partitions_total', { table, change }),
    succeededAt: (step: string) => sum('milepost_ingest_upkeep_last_success_timestamp_seconds', { step }),
    tookSeconds: (step: string) => sum('milepost_ingest_upkeep_last_duration_seconds', { step }),
    pruned: () => sum('milepost_ingest_dead_letters_pruned_total', {}),
    letter,
    factsForgotten: () => sum('milepost_ingest_condition_facts_forgotten_total', {}),
  };
}

it('what no alerts process has judged for days is forgotten, also without the owner, and what is judged at this moment is left alone', async () => {
  const kept = await keeper();
  const { owner } = kept.database;
  await owner.query(
    `insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact, created_at)
     select 1, n, now(), now(), 0, '{"kind":"report"}', now() - days * interval '1 day' from unnest(array[9, 8, 6, 4], array[1, 2, 3, 4]) as f (days, n)`,
  );
  const judging = await owner.connect();
  await judging.query('begin');
  await judging.query('delete from condition_facts where vehicle = 2');
  await kept.turn({ owner: undefined });
  await judging.query('rollback');
  judging.release();
  const { rows } = await owner.query<{ vehicle: number }>('select vehicle from condition_facts order by vehicle');
  expect(rows.map(({ vehicle }) => vehicle)).toEqual([2, 4]);
  expect(await kept.factsForgotten()).toBe(2);
  expect(await kept.turns('forget', 'done')).toBe(1);
});

it('a turn says in metrics what it made, dropped and deleted, how long that took and when it was done', async () => {
  const kept = await keeper();
  for (const daysAgo of [9, 10])
    await kept.database.owner.query('select ensure_partition($1, current_date - $2::integer)', ['locations', daysAgo]);
  await kept.letter(1, '31 days', true);
  await kept.letter(2, '31 days', false);
  await kept.letter(3, '29 days', true);
  const before = Date.now() / 1_000;
  await kept.turn();
  for (const table of ['locations', 'diagnostics', 'status_reports']) expect(await kept.partitions(table, 'made')).toBe(5);
  expect(await kept.partitions('locations', 'dropped')).toBe(2);
  expect(await kept.pruned()).toBe(1);
  for (const step of ['make', 'retire', 'prune']) {
    expect(await kept.turns(step, 'done')).toBe(1);
    expect(await kept.succeededAt(step)).toBeGreaterThanOrEqual(before);
    expect(await kept.tookSeconds(step)).toBeGreaterThan(0);
  }
  await kept.turn();
  expect(await kept.partitions('locations', 'made')).toBe(5);
  expect(await kept.turns('make', 'done')).toBe(2);
});

it('while another process holds the lock nothing is dropped or deleted, which is no success and no failure', async () => {
  const kept = await keeper();
  await kept.database.owner.query('select ensure_partition($1, current_date - 9)', ['locations']);
  await kept.letter(1, '31 days', true);
  const other = await kept.database.owner.connect();
  await other.query('select pg_advisory_lock($1)', [advisoryLocks.partitionRetention]);
  try {
    await kept.turn();
  } finally {
    await other.query('select pg_advisory_unlock($1)', [advisoryLocks.partitionRetention]);
    other.release();
  }
  expect(await kept.turns('make', 'done')).toBe(1);
  for (const step of ['retire', 'prune']) {
    expect(await kept.turns(step, 'elsewhere')).toBe(1);
    expect(await kept.turns(step, 'done')).toBe(0);
    expect(await kept.succeededAt(step)).toBe(0);
  }
  await kept.turn();
  expect(await kept.partitions('locations', 'dropped')).toBe(1);
  expect(await kept.pruned()).toBe(1);
});

it('a step that fails is counted and told, and keeps none of the others from being done', async () => {
  const kept = await keeper();
  await kept.database.owner.query('alter function ensure_partition(text, date) rename to ensure_partition_elsewhere');
  await kept.letter(1, '31 days', true);
  await expect(kept.turn()).rejects.toThrow(/ensure_partition/);
  expect(await kept.turns('make', 'failed')).toBe(1);
  expect(await kept.succeededAt('make')).toBe(0);
  expect(await kept.turns('retire', 'done')).toBe(1);
  expect(await kept.pruned()).toBe(1);
});

it('without a connection as the owner the coming days are made, and nothing is dropped', async () => {
  const kept = await keeper();
  await kept.database.owner.query('select ensure_partition($1, current_date - 9)', ['locations']);
  await kept.turn({ owner: undefined });
  expect(await kept.turns('make', 'done')).toBe(1);
  expect(await kept.turns('retire', 'done')).toBe(0);
  expect(await kept.partitions('locations', 'dropped')).toBe(0);
});
