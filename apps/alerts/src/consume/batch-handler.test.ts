import { AppStopped, Registry } from '@milepost/database';
import type { RecordBatch } from '@milepost/kafka';
import { createLogger, createMetrics as createRegistry } from '@milepost/runtime';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.js';
import { createBatchHandler } from './batch-handler.js';
import type { PartitionWriter, WriteOutcome, WriteRequest } from './partition-writer.js';

const batch: RecordBatch = {
  topic: 'fleet.presence',
  partition: 0,
  records: [{ topic: 'fleet.presence', partition: 0, offset: 7n, key: null, value: null, headers: {}, timestampMs: 0 }],
  firstOffset: 7n,
  nextOffset: 8n,
  highWatermark: 8n,
  askedAtMs: 123,
  generation: 1,
  isStale: () => false,
  heartbeat: async () => undefined,
};

const lease = Buffer.from(JSON.stringify({ kind: 'lease', node: 'n', epoch: 1, counter: 1, role: 'broker', partition: 0 }));
const [tombstone] = batch.records;
const two: RecordBatch = {
  ...batch,
  records: [7n, 8n].flatMap((offset) => (tombstone === undefined ? [] : [{ ...tombstone, offset, value: offset === 7n ? null : lease }])),
  nextOffset: 9n,
};

/** A handler whose writer answers so, one after the other; SQLSTATEs are thrown. `said` is what it has counted and logged as errors. */
function handlerOf(answers: string[]) {
  const written: WriteRequest[] = [];
  const write = async (request: WriteRequest): Promise<WriteOutcome> => {
    written.push(request);
    const answer = answers.shift() ?? 'written';
    if (/^[0-9A-Z]{5}$/.test(answer)) throw Object.assign(new Error(answer), { code: answer });
    return answer as WriteOutcome;
  };
  const pool = { query: async () => ({ rows: [{ id: 1, name: 'default' }] }) } as unknown as ConstructorParameters<
    typeof Registry
  >[0]['pool'];
  const registry = createRegistry('test');
  const metrics = createMetrics(registry, () => ({ vehicles: new Map(), deadlines: 0, clocks: [] }));
  const errors: string[] = [];
  const logger = createLogger({ app: 'test', level: 'silent' });
  logger.error = (fields: unknown) => errors.push((fields as { event: string }).event);
  const said = async () => {
    const counts = await Promise.all([metrics.records, metrics.skipped].map(async (counter) => (await counter.get()).values));
    return { errors, counted: counts.flat().map(({ labels, value }) => [...Object.values(labels), value]) };
  };
  const handle = createBatchHandler({
    writer: { write } as unknown as PartitionWriter,
    registry: new Registry({ pool, policy: 'auto' }),
    operatorOrganisation: 'default',
    logger,
    metrics,
  });
  return Object.assign(handle, { said, written });
}

describe('a batch of presence', () => {
  it('waits while Postgres is away', async () => {
    expect(await handlerOf(['57P01', '08006', 'written'])(batch)).toEqual({ kind: 'done' });
  });

  it('goes on behind a record that Postgres cannot take', async () => {
    expect(await handlerOf(['22P05', 'written'])(batch)).toEqual({ kind: 'done' });
  });

  it('outlives a Postgres that goes away while a record is passed over', async () => {
    expect(await handlerOf(['22P05', '57P01', '22P05', 'written'])(batch)).toEqual({ kind: 'done' });
  });

  it('outlives a Postgres that is too slow while a record is passed over', async () => {
    expect(await handlerOf(['22P05', '57014', '22P05', 'written'])(batch)).toEqual({ kind: 'done' });
  });

  it('says once what it read, however often it had to be written and by whatever halves', async () => {
    const handler = handlerOf(['57P01', '57014', '08006', 'written', '57P01', 'written']);
    expect(await handler(two)).toEqual({ kind: 'done' });
    const counted = [
      ['lease', 1],
      ['malformed', 1],
    ];
    expect(await handler.said()).toEqual({ errors: ['alerts.record.malformed'], counted });
  });

  it('says once what it passed over', async () => {
    const handler = handlerOf(['22P05', '57P01', '22P05', 'written']);
    await handler({ ...two, records: two.records.slice(1) });
    expect(await handler.said()).toEqual({ errors: ['alerts.record.not-storable'], counted: [['not_storable', 1]] });
  });

  it.each([['fenced'], ['stale']])('says nothing of what another process writes (%s)', async (answer) => {
    const read = handlerOf([answer]);
    await read(two);
    expect(await read.said()).toEqual({ errors: [], counted: [] });
    const passingOver = handlerOf(['22P05', answer]);
    await passingOver(batch);
    expect(await passingOver.said()).toEqual({ errors: [], counted: [] });
  });

  it('says that the log ended behind it when it was fetched, where Kafka said so then, and behind its second half alone', async () => {
    const endOf = async (one: RecordBatch, ...answers: string[]) => {
      const handler = handlerOf(answers);
      await handler(one);
      return handler.written.map(({ endedAtMs }) => endedAtMs);
    };
    expect(await endOf(batch)).toEqual([123]);
    expect(await endOf({ ...batch, highWatermark: 9n })).toEqual([undefined]);
    expect(await endOf({ ...two, highWatermark: 9n }, '57014', 'written', 'written')).toEqual([123, undefined, 123]);
  });

  it.each([['42501'], ['22P05', '22P05']])('stops when no record is to blame (%s)', async (...answers) => {
    await expect(handlerOf(answers)(batch)).rejects.toBeInstanceOf(AppStopped);
  });

  it('goes where the position stands when another process has written', async () => {
    expect(await handlerOf(['fenced'])(batch)).toEqual({ kind: 'reposition' });
  });
});
