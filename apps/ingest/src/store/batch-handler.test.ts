import { topics } from '@milepost/contracts';
import type { ConsumerPositions, Registry } from '@milepost/database';
import type { RecordBatch } from '@milepost/kafka';
import { createLogger, createMetrics } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { Lateness } from '../fresh-positions/lateness.js';
import { createIngestMetrics } from '../metrics.js';
import { createBatchHandler } from './batch-handler.js';
import type { BatchStore } from './batch-store.js';

/** What is known behind a batch that is stored, of its lag and of the position; its partition may be taken away while it is. */
async function knownBehind({ revoked }: { revoked: boolean }) {
  const moves: bigint[] = [];
  const metrics = createIngestMetrics(createMetrics('test'));
  let isOver = false;
  const handle = createBatchHandler({
    registry: { resolve: async () => [], organisations: async () => new Map([['default', 1]]) } as unknown as Registry,
    operatorOrganisation: 'default',
    positions: {
      expected: () => 7n,
      moveTo: (...[, , position]: Parameters<ConsumerPositions['moveTo']>) => void moves.push(position),
    } as unknown as ConsumerPositions,
    store: {
      store: async () => {
        isOver = revoked;
        if (revoked) metrics.lag.reset();
        return { kind: 'stored', position: 8n };
      },
    } as unknown as BatchStore,
    lateness: new Lateness(),
    logger: createLogger({ app: 'test', level: 'silent' }),
    metrics,
  });
  const batch: RecordBatch = {
    topic: topics.location,
    partition: 2,
    records: [],
    firstOffset: 7n,
    nextOffset: 8n,
    highWatermark: 20n,
    askedAtMs: 0,
    generation: 1,
    isStale: () => isOver,
    heartbeat: async () => undefined,
  };
  expect(await handle(batch)).toEqual({ kind: 'done' });
  return { lag: (await metrics.lag.get()).values, moves };
}

test('the lag of a partition is known here as long as it is read here', async () => {
  expect((await knownBehind({ revoked: false })).lag).toEqual([{ labels: { topic: topics.location, partition: 2 }, value: 12 }]);
  expect((await knownBehind({ revoked: true })).lag).toEqual([]);
});

test('a batch of an assignment that is over moves nothing that the next one goes by', async () => {
  expect((await knownBehind({ revoked: false })).moves).toEqual([8n]);
  expect((await knownBehind({ revoked: true })).moves).toEqual([]);
});
