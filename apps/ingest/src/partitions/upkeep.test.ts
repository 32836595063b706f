import { createLogger, createMetrics } from '@milepost/runtime';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { createIngestMetrics } from '../metrics.js';
import { upkeep } from './upkeep.js';

test('each step that fails has its reason in what is thrown', async () => {
  const refusing = (reason: string) => () => Promise.reject(new Error(reason));
  const query = ({ text }: { text: string }) =>
    text.includes('condition_facts') ? Promise.resolve({ rowCount: 0 }) : refusing('no partition can be made')();
  const turn = (owner: Pool | undefined) =>
    upkeep({
      pool: { query } as unknown as Pool,
      owner,
      retentionDays: 7,
      deadLetterDays: 30,
      conditionFactDays: 7,
      logger: createLogger({ app: 'test', level: 'silent' }),
      metrics: createIngestMetrics(createMetrics('test')),
    });
  await expect(turn(undefined)).rejects.toThrow('no partition can be made');
  const failure: unknown = await turn({ connect: refusing('the owner cannot log in') } as unknown as Pool).catch((error: unknown) => error);
  expect((failure as AggregateError).errors.map(String)).toEqual([
    'Error: no partition can be made',
    'Error: the owner cannot log in',
    'Error: the owner cannot log in',
  ]);
});
