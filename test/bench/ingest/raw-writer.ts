// A process of the raw limit: the statements of ingest's transaction, ready in memory, over a few connections, and nothing else.
import { topics } from '@milepost/contracts';
import { type BoundStatement, sql } from '@milepost/database';
import { prepareBatch, type SentRecord } from '@milepost/ingest/batch/prepared-batch.js';
import { FieldMappings } from '@milepost/ingest/messages/field-mapping.js';
import { runStatements } from '@milepost/ingest/store/run-statements.js';
import { Pool } from 'pg';
import type { RawOrder, RawReport } from './raw-protocol.js';
import { fix } from './traffic.js';

const advanceOffsets = sql('ingest/advance-offsets');
/** No limit but the batch's own. */
const rules = { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 1_000_000, maxBytes: 1e12 };

interface Lane {
  pool: Pool;
  batches: BoundStatement[][];
}

const lanes: Lane[] = [];
const nextOffsets = new Map<number, bigint>();

process.on('message', (order: RawOrder) => {
  carryOut(order).catch((error: unknown) => tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }));
});

async function carryOut(order: RawOrder): Promise<void> {
  switch (order.kind) {
    case 'prepare':
      await prepare(order);
      return tell({ kind: 'ready' });
    case 'write': {
      const startedAt = performance.now();
      const before = process.cpuUsage();
      await Promise.all(lanes.map(write));
      const { user, system } = process.cpuUsage(before);
      return tell({ kind: 'written', seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 });
    }
    case 'end':
      await Promise.all(lanes.map(({ pool }) => pool.end()));
      process.disconnect();
  }
}

async function prepare(order: Extract<RawOrder, { kind: 'prepare' }>): Promise<void> {
  for (const [index, partition] of order.partitions.entries()) {
    const lane: Lane = lanes[index] ?? { pool: new Pool({ connectionString: order.databaseUrl, max: 1 }), batches: [] };
    lanes[index] = lane;
    lane.batches = Array.from({ length: order.batches }, (_, batch) => statementsOf(order, partition, batch));
  }
}

/** Vehicles of a partition report in turns, as they do in the log. */
function statementsOf(
  { rowsPerBatch, vehiclesPerPartition, since, clusterId }: Extract<RawOrder, { kind: 'prepare' }>,
  partition: number,
  batch: number,
): BoundStatement[] {
  const first = nextOffsets.get(partition) ?? 0n;
  const records = Array.from({ length: rowsPerBatch }, (_, index): SentRecord => {
    const row = batch * rowsPerBatch + index;
    const vehicle = 1 + partition * vehiclesPerPartition + (row % vehiclesPerPartition);
    const recordedAt = since + Math.floor(row / vehiclesPerPartition) * 1_000;
    return {
      sender: { kind: 'known', vehicleId: `bench-${vehicle}`, vehicle, organisationId: 1 },
      record: {
        topic: topics.location,
        partition,
        offset: first + BigInt(index),
        key: `bench-${vehicle}`,
        value: Buffer.from(JSON.stringify(fix(row, recordedAt))),
        headers: {},
        timestampMs: Date.now(),
      },
    };
  });
  const prepared = prepareBatch(records, rules);
  if (prepared.deadLetters.count > 0) throw new Error('The raw limit is fed with records that are not stored');
  nextOffsets.set(partition, prepared.nextOffset);
  const fence = [clusterId, topics.location, [partition], [first], [prepared.nextOffset], [prepared.lastTimestampMs]];
  return [{ statement: advanceOffsets, values: fence }, ...prepared.rows.statements({ partition, feedEpoch: 1 })];
}

async function write({ pool, batches }: Lane): Promise<void> {
  for (const statements of batches) await runStatements(pool, statements);
}

function tell(report: RawReport): void {
  process.send?.(report);
}
