import { AppStopped } from '@milepost/database';
import { describe, expect, it } from 'vitest';
import { retrying } from './retrying.js';

const databaseError = (code: string) => Object.assign(new Error(`error ${code}`), { code });
const failingTwice = (error: unknown) => {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= 2) throw error;
    return calls;
  };
};
const patience = { isOver: () => false, onRetry: () => undefined };

describe('retrying', () => {
  it.each([['57P01'], ['08006'], ['40P01'], ['53300'], ['57014'], ['ECONNREFUSED']])('tries again after %s', async (code) => {
    expect(await retrying(failingTwice(databaseError(code)), patience)).toEqual({ kind: 'done', value: 3 });
  });

  it.each([['42P01'], ['28P01'], ['XX000'], ['22P02'], ['23505']])('does not try again after %s', async (code) => {
    await expect(retrying(failingTwice(databaseError(code)), patience)).rejects.toThrow(`error ${code}`);
  });

  it('leaves a time-out to whoever can make the work smaller', async () => {
    await expect(retrying(failingTwice(databaseError('57014')), { ...patience, mendedByRetry: ['retry'] })).rejects.toThrow('57014');
  });

  it('never tries again what has stopped ingest, or a bug', async () => {
    const stop = new AppStopped('foreign_cluster', 'no');
    await expect(retrying(failingTwice(stop), patience)).rejects.toBe(stop);
    await expect(retrying(failingTwice(new TypeError('bug')), patience)).rejects.toThrow('bug');
  });

  it('ends when nobody waits any more', async () => {
    let attempts = 0;
    const outcome = await retrying(failingTwice(databaseError('57P01')), {
      ...patience,
      isOver: () => attempts > 0,
      onRetry: () => {
        attempts += 1;
      },
    });
    expect(outcome).toEqual({ kind: 'over' });
  });
});
