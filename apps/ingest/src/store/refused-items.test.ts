import { topics } from '@milepost/contracts';
import { AppStopped } from '@milepost/database';
import type { LogRecord } from '@milepost/kafka';
import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { SentRecord } from '../batch/prepared-batch.js';
import { FieldMappings } from '../messages/field-mapping.js';
import { findRefusedItems } from './refused-items.js';

const now = Date.now();
const record: LogRecord = {
  topic: topics.location,
  partition: 2,
  offset: 7n,
  key: 'v1',
  value: Buffer.from(JSON.stringify([1, 2].map((n) => ({ recordedAt: now - n, latitude: n, longitude: n })))),
  headers: {},
  timestampMs: now,
};
const sent: SentRecord = { record, sender: { kind: 'known', vehicleId: 'v1', vehicle: 11, organisationId: 1 } };
const databaseError = (code: string) => Object.assign(new Error(`error ${code}`), { code });

/** A search in a Postgres whose trials end so, one after the other; behind them all go through. */
function searchWith(trials: (string | undefined)[]) {
  const isRowOf = (text: string) => !['begin', 'commit', 'rollback'].includes(text);
  let answered = false;
  const query = async (statement: string | { text: string }) => {
    const text = typeof statement === 'string' ? statement : statement.text;
    if (text === 'begin') answered = false;
    if (!isRowOf(text) || answered) return { rows: [] };
    answered = true;
    const code = trials.shift();
    if (code !== undefined) throw databaseError(code);
    return { rows: [] };
  };
  const client = { query, on: () => undefined, off: () => undefined, release: () => undefined };
  const pool = { query: async () => ({ rows: [{ made: 0 }] }), connect: async () => client } as unknown as Pool;
  const retried: string[] = [];
  const search = findRefusedItems(sent, databaseError('22003'), {
    pool,
    clusterId: 'c',
    feedEpoch: 1,
    rules: { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 },
    isStale: () => false,
    onRetry: (_error, kind) => retried.push(kind),
  });
  return { search, retried };
}

describe('the search for what Postgres refuses', () => {
  it('waits where a trial takes too long or Postgres is away, and says so', async () => {
    const { search, retried } = searchWith(['57014', '57P01', undefined, '22003']);
    const found = await search;
    expect(found.kind === 'found' && [...found.refused.keys()]).toEqual([0]);
    expect(retried).toEqual(['halve', 'retry']);
  });

  it.each([['42501'], ['22003']])('stops where a plain item of the same vehicle fails too (%s)', async (code) => {
    await expect(searchWith([code]).search).rejects.toBeInstanceOf(AppStopped);
  });
});
