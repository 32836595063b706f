import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { Database } from './database.js';

/** A pool whose connection breaks at one of its statements. */
function poolThatBreaksAt(statement: string): Pool {
  const client = {
    on: () => client,
    off: () => client,
    release: () => undefined,
    query: async (query: string | { text: string }) => {
      if ((typeof query === 'string' ? query : query.text).startsWith(statement))
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      return { rows: [] };
    },
  };
  return { connect: async () => client } as unknown as Pool;
}

test.each([
  ['begin', false],
  ['select set_config', false],
  ['commit', true],
])('of a connection that breaks at its %s it is in doubt whether the work was done: %s', async (statement, inDoubt) => {
  const change = new Database(poolThatBreaksAt(statement)).as({ organisationId: 1 }, async () => undefined);
  await expect(change).rejects.toMatchObject({ name: 'DatabaseFailure', kind: 'unavailable', inDoubt });
});

test('of a connection that breaks during the work nothing is in doubt', async () => {
  const change = new Database(poolThatBreaksAt('nothing')).as({ organisationId: 1 }, async () => {
    throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  });
  await expect(change).rejects.toMatchObject({ name: 'DatabaseFailure', inDoubt: false });
});
