import { describe, expect, it } from 'vitest';
import { backoffMs, sleep } from './backoff.js';

describe('backoffMs', () => {
  it('doubles its ceiling up to the maximum and draws below it', () => {
    const random = () => 0.5;
    expect([0, 1, 2, 3, 1000].map((attempt) => backoffMs(attempt, { baseMs: 100, maxMs: 500, random }))).toEqual([50, 100, 200, 250, 250]);
  });
});

describe('sleep', () => {
  it('ends at once when its signal is aborted', async () => {
    const abort = new AbortController();
    const sleeping = sleep(60_000, abort.signal);
    abort.abort();
    await sleeping;
    await sleep(60_000, abort.signal);
    expect(abort.signal.aborted).toBe(true);
  });

  it('does not end at once because it is longer than a timer of Node may be', async () => {
    const abort = new AbortController();
    let isOver = false;
    const sleeping = sleep(30 * 86_400_000, abort.signal).then(() => {
      isOver = true;
    });
    await sleep(20);
    expect(isOver).toBe(false);
    abort.abort();
    await sleeping;
  });
});
