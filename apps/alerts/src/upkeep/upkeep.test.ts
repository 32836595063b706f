import { createLogger, createMetrics as createRegistry, type Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { createMetrics } from '../metrics.js';
import { startUpkeep } from './upkeep.js';

/** Upkeep by a Postgres that answers so. */
function upkeepWith(answer: (text: string) => Promise<{ rowCount: number; rows: object[] }>) {
  const metrics = createMetrics(createRegistry('test'), () => ({ vehicles: new Map(), deadlines: 0, clocks: [] }));
  const warned: unknown[] = [];
  const logger: Logger = createLogger({ app: 'test', level: 'silent' });
  logger.warn = (fields: unknown) => warned.push(fields);
  const pool = { query: ({ text }: { text: string }) => answer(text) } as unknown as Pool;
  const upkeep = startUpkeep({ pool, clusterId: 'c', attemptRetentionDays: 7, logger, metrics });
  const turns = async () => (await metrics.upkeepTurns.get()).values.map(({ labels, value }) => [labels.step, labels.outcome, value]);
  return { upkeep, warned, turns };
}
const nothing = { rowCount: 0, rows: [{ last: null, forgotten: 0 }] };

test('a step that fails keeps none of the others from being done, and is named', async () => {
  const { upkeep, warned, turns } = upkeepWith(async (text) => {
    if (text.includes('connection_attempts')) throw new Error('too slow');
    return nothing;
  });
  await expect.poll(turns).toHaveLength(9);
  await upkeep.stop();
  expect((await turns()).filter(([, outcome]) => outcome === 'failed')).toEqual([['attempts', 'failed', 1]]);
  expect(warned).toMatchObject([{ event: 'alerts.upkeep.failed', step: 'attempts' }]);
});

test('a stop waits for the statement that runs, begins none behind it and warns of nothing', async () => {
  let fail: (error: Error) => void = () => undefined;
  const texts: string[] = [];
  const { upkeep, warned, turns } = upkeepWith((text) => {
    texts.push(text);
    return new Promise((_resolve, reject) => {
      fail = reject;
    });
  });
  await expect.poll(() => texts).toHaveLength(1);
  let isStopped = false;
  const stopping = upkeep.stop().then(() => {
    isStopped = true;
  });
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  fail(new Error('the connection was ended'));
  await stopping;
  expect({ texts: texts.length, warned, turns: await turns() }).toEqual({ texts: 1, warned: [], turns: [] });
});

test('a stop cuts a long deletion short', async () => {
  const pieces: string[] = [];
  const { upkeep, turns } = upkeepWith(async (text) => {
    pieces.push(text);
    await new Promise(setImmediate);
    return { rowCount: 5_000, rows: [{ last: 1, forgotten: 0 }] };
  });
  await expect.poll(() => pieces.length, { interval: 1 }).toBeGreaterThan(2);
  const before = pieces.length;
  await upkeep.stop();
  expect(pieces.length).toBeLessThanOrEqual(before + 1);
  expect(await turns()).toEqual([]);
});
