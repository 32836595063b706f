import { EventEmitter } from 'node:events';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { withAdvisoryLock } from './with-advisory-lock.js';

/** A pool of one connection, which answers what it is asked with `answer`. */
function poolOf(answer: (sql: string) => Promise<object>) {
  const released: unknown[] = [];
  const client = Object.assign(new EventEmitter(), { query: answer, release: (error?: unknown) => void released.push(error) });
  return { pool: { connect: async () => client } as unknown as Pool, released };
}

test('a connection that did not say whether it has the lock is not used again: it may have it, and keep all others out', async () => {
  const timeout = new Error('Query read timeout');
  const { pool, released } = poolOf(() => Promise.reject(timeout));
  await expect(withAdvisoryLock(pool, 7, async () => 'worked')).rejects.toBe(timeout);
  expect(released).toEqual([timeout]);
});

test('a connection that could not give the lock back is not used again', async () => {
  const broken = new Error('broken');
  const { pool, released } = poolOf((sql) =>
    sql.includes('unlock') ? Promise.reject(broken) : Promise.resolve({ rows: [{ locked: true }] }),
  );
  expect(await withAdvisoryLock(pool, 7, async () => 'worked')).toBe('worked');
  expect(released).toEqual([broken]);
});
