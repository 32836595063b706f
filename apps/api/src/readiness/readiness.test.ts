import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { cached, longestQuestionMs } from './cached.js';
import { Readiness } from './readiness.js';

describe('readiness', () => {
  test('is ready when every part is, in a fixed order', async () => {
    const readiness = new Readiness({ broker: async () => undefined, postgres: async () => undefined });
    expect(await readiness.look()).toEqual({
      ready: true,
      parts: [
        { name: 'postgres', ready: true },
        { name: 'broker', ready: true },
      ],
    });
  });

  test('says why a part is not, and judges only those that are asked for', async () => {
    const readiness = new Readiness({ kafka: async () => 'no controller', postgres: async () => undefined });
    expect(await readiness.look()).toMatchObject({ ready: false, parts: [{ name: 'postgres' }, { reason: 'no controller' }] });
    expect((await readiness.look(['postgres'])).ready).toBe(true);
    expect(await readiness.look(['webhooks'])).toMatchObject({
      ready: false,
      parts: [{ reason: expect.stringContaining('READINESS_URLS') }],
    });
  });

  test('takes a check that fails for a part that is not ready', async () => {
    const readiness = new Readiness({ postgres: () => Promise.reject(new Error('connection refused')) });
    expect((await readiness.look()).parts).toEqual([{ name: 'postgres', ready: false, reason: 'connection refused' }]);
  });
});

describe('a cached answer', () => {
  test('is asked for once by all who wait, and again when it is old', async () => {
    let time = 0;
    let asked = 0;
    const ask = cached(
      1_000,
      async () => ++asked,
      () => time,
    );
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    time = 999;
    expect(await ask()).toBe(1);
    time = 1_000;
    expect(await ask()).toBe(2);
  });

  test('is old in time, although the clock was set back meanwhile', async () => {
    const { now } = Date;
    let setByMs = 0;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + setByMs);
    onTestFinished(() => clock.mockRestore());
    let asked = 0;
    const ask = cached(20, async () => ++asked);
    expect(await ask()).toBe(1);
    setByMs = -3_600_000;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await ask()).toBe(2);
  });

  test('is asked for anew when it never comes: a client that is stuck is not waited for till the end of days', async () => {
    let time = 0;
    let asked = 0;
    const ask = cached(
      1_000,
      () => (++asked === 1 ? new Promise<string>(() => undefined) : Promise.resolve('back')),
      () => time,
    );
    void ask();
    time = longestQuestionMs - 1;
    void ask();
    expect(asked).toBe(1);
    time = longestQuestionMs;
    expect(await ask()).toBe('back');
  });

  test('is forgotten in time when it was a failure', async () => {
    let time = 0;
    let asked = 0;
    const ask = cached(
      1_000,
      () => (++asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve('back')),
      () => time,
    );
    await expect(ask()).rejects.toThrow('away');
    time = 1_000;
    expect(await ask()).toBe('back');
  });
});
