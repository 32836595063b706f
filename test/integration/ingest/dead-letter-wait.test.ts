import { topics } from '@milepost/contracts';
import { createPool, recordPartitions } from '@milepost/database';
import { createLogger, createMetrics } from '@milepost/runtime';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import type { SentRecord } from '../../../apps/ingest/src/batch/prepared-batch.js';
import { FieldMappings } from '../../../apps/ingest/src/messages/field-mapping.js';
import { createIngestMetrics } from '../../../apps/ingest/src/metrics.js';
import { ensureDaysAround } from '../../../apps/ingest/src/partitions/daily-partitions.js';
import { ingestPositions } from '../../../apps/ingest/src/position/positions.js';
import { BatchStore } from '../../../apps/ingest/src/store/batch-store.js';

const scope = useTestScope();

it('a dead letter waits for a Postgres that is too slow to take it', async () => {
  const database = await scope.database();
  await recordPartitions(database.owner, new Map([[topics.location, 1]]));
  await database.owner.query(`alter table locations add constraint locations_no_poison check (driver_id <> 'poison')`);
  const logger = createLogger({ app: 'test', level: 'silent' });
  const metrics = createIngestMetrics(createMetrics('test'));
  const pool = createPool({ url: database.urlFor('milepost_ingest'), app: 'ingest', size: 4, logger, statementTimeoutMs: 300 });
  scope.onEnd(() => pool.end());
  const now = Date.now();
  await ensureDaysAround(pool, now);
  const clusterId = 'test-cluster';
  await ingestPositions({ pool, clusterId, logger, metrics }).read(topics.location, 0, { start: 0n });
  const store = new BatchStore({
    ...{ pool, clusterId, feedEpoch: 1, logger, metrics },
    concurrency: 4,
    rules: { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 },
  });
  const { rows } = await database.owner.query<{ organisationId: number; vehicle: number }>(
    `with v as (insert into vehicles (organisation_id, vehicle_id, registration) select id, 'v', 'active' from organisations where name = 'default' returning id, organisation_id)
     select id as vehicle, organisation_id as "organisationId" from v`,
  );
  const value = Buffer.from(JSON.stringify({ recordedAt: now, latitude: 1, longitude: 1, driverId: 'poison' }));
  const poisoned: SentRecord = {
    record: { topic: topics.location, partition: 0, offset: 0n, key: 'v', value, headers: {}, timestampMs: now },
    sender: { kind: 'known', vehicleId: 'v', vehicle: rows[0]?.vehicle ?? 0, organisationId: rows[0]?.organisationId ?? 0 },
  };
  const client = await database.owner.connect();
  try {
    await client.query('begin; lock table dead_letters in access exclusive mode');
    const storing = store.store([poisoned], { position: 0n, isStale: () => false });
    const timeouts = async () => (await metrics.retries.get()).values.find(({ labels }) => labels.kind === 'halve')?.value ?? 0;
    await Promise.race([storing, eventually(async () => expect(await timeouts()).toBeGreaterThan(0))]);
    await client.query('commit');
    expect(await storing).toEqual({ kind: 'stored', position: 1n });
  } finally {
    await client.query('rollback');
    client.release();
  }
  const letters = await database.owner.query('select vehicle_id, error_count from dead_letters');
  expect(letters.rows).toEqual([{ vehicle_id: 'v', error_count: 1 }]);
});
