import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { withTransaction } from './transaction.js';

/** A pool of one connection, on which nothing fails but the work; `released` is what it was given back with. */
function poolOf(released: unknown[]): Pool {
  const client = {
    query: async () => ({ rows: [] }),
    on: () => client,
    off: () => client,
    release: (error?: Error) => released.push(error),
  };
  return { connect: async () => client } as unknown as Pool;
}

const failingWith = (code: string) => {
  throw Object.assign(new Error(code), { code });
};

describe('withTransaction', () => {
  it.each(['08006', '25006', '25P03', '26000', '57P01'])(
    'throws a connection away after %s: the next attempt needs another one',
    async (code) => {
      const released: unknown[] = [];
      await expect(withTransaction(poolOf(released), async () => failingWith(code))).rejects.toMatchObject({ code });
      expect(released).toEqual([expect.objectContaining({ code })]);
    },
  );

  it.each(['40P01', '23505', '57014'])('keeps the connection after %s', async (code) => {
    const released: unknown[] = [];
    await expect(withTransaction(poolOf(released), async () => failingWith(code))).rejects.toMatchObject({ code });
    expect(released).toEqual([undefined]);
  });
});
