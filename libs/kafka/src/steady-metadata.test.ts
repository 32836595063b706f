import { createRequire } from 'node:module';
import { expect, onTestFinished, test, vi } from 'vitest';
import { keepMetadataFresh } from './steady-metadata.js';

keepMetadataFresh();

const MAX_AGE_MS = 5_000;
const HOUR_MS = 3_600_000;

interface NodePool {
  refreshMetadataIfNecessary(topics: readonly string[]): Promise<unknown>;
}
const BrokerPool = createRequire(import.meta.url)('kafkajs/src/cluster/brokerPool.js') as { prototype: object };

/** A client that has just learned who leads the topic. */
function informed() {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const refreshMetadata = vi.fn(async () => undefined);
  const known = { metadata: { topicMetadata: [{ topic: 't' }] }, metadataMaxAge: MAX_AGE_MS, metadataExpireAt: Date.now() + MAX_AGE_MS };
  const pool: NodePool = Object.assign(Object.create(BrokerPool.prototype), known, { refreshMetadata });
  return { pool, refreshMetadata };
}

test('a clock that is set back lets nobody believe for longer who leads', async () => {
  const { pool, refreshMetadata } = informed();
  vi.setSystemTime(Date.now() - HOUR_MS);
  await pool.refreshMetadataIfNecessary(['t']);
  expect(refreshMetadata).toHaveBeenCalledTimes(1);
});

test('what was just learned is not asked for again', async () => {
  const { pool, refreshMetadata } = informed();
  await pool.refreshMetadataIfNecessary(['t']);
  vi.setSystemTime(Date.now() + MAX_AGE_MS);
  await pool.refreshMetadataIfNecessary(['t']);
  expect(refreshMetadata).not.toHaveBeenCalled();
});
