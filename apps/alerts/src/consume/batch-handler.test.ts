import { Registry } from '@milepost/database';
import type { RecordBatch } from '@milepost/kafka';
import { createLogger, createMetrics as createRegistry } from '@milepost/runtime';
import { describe, expect, it } from 'vitest';
import { AlertsStopped } from '../alerts-stopped.js';
import { createMetrics } from '../metrics.js';
import { createBatchHandler } from './batch-handler.js';
import type { PartitionWriter, WriteOutcome } from './partition-writer.js';

const batch: RecordBatch = {
  topic: 'fleet.presence',
  partition: 0,
  records: [{ topic: 'fleet.presence', partition: 0, offset: 7n, key: null, value: null, headers: {}, timestampMs: 0 }],
  firstOffset: 7n,
  nextOffset: 8n,
  highWatermark: 8n,
  generation: 1,
  isStale: () => false,
  heartbeat: async () => undefined,
};

/** A handler whose writer answers so, one after the other; SQLSTATEs are thrown. */
function handlerOf(answers: string[]) {
  const write = async (): Promise<WriteOutcome> => {
    const answer = answers.shift() ?? 'written';
    if (/^[0-9A-Z]{5}$/.test(answer)) throw Object.assign(new Error(answer), { code: answer });
    return answer as WriteOutcome;
  };
  const pool = { query: async () => ({ rows: [{ id: 1, name: 'default' }] }) } as unknown as ConstructorParameters<
    typeof Registry
  >[0]['pool'];
  return createBatchHandler({
    writer: { write } as unknown as PartitionWriter,
    registry: new Registry({ pool, policy: 'auto' }),
    operatorOrganisation: 'default',
    logger: createLogger({ app: 'test', level: 'silent' }),
    metrics: createMetrics(createRegistry('test'), () => ({ vehicles: new Map(), deadlines: 0, clocks: [] })),
  });
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

  it.each([['42501'], ['22P05', '22P05']])('stops when no record is to blame (%s)', async (...answers) => {
    await expect(handlerOf(answers)(batch)).rejects.toBeInstanceOf(AlertsStopped);
  });

  it('goes where the position stands when another process has written', async () => {
    expect(await handlerOf(['fenced'])(batch)).toEqual({ kind: 'reposition' });
  });
});
