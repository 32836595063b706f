import { createLogger, sleep } from '@milepost/runtime';
import { describe, expect, it } from 'vitest';
import { pollLoop } from './poll-loop.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const never = 3_600_000;

describe('pollLoop', () => {
  it('looks again at once when there is more, and when woken', async () => {
    let turns = 0;
    const loop = pollLoop({ name: 'a loop', intervalMs: never, logger, turn: async () => (++turns < 3 ? 'again' : 'idle') });
    await sleep(10);
    expect(turns).toBe(3);
    loop.wake();
    await sleep(10);
    expect(turns).toBe(4);
    await loop.stop();
  });

  it('does not lose a call that comes during a turn', async () => {
    let turns = 0;
    const loop = pollLoop({
      name: 'a loop',
      intervalMs: never,
      logger,
      turn: async () => {
        turns += 1;
        if (turns === 1) loop.wake();
        await sleep(1);
        return 'idle';
      },
    });
    await sleep(30);
    expect(turns).toBe(2);
    await loop.stop();
  });

  it('says what is wrong until a turn succeeds, and goes on trying', async () => {
    let broken = true;
    const loop = pollLoop({
      name: 'a loop',
      intervalMs: 5,
      logger,
      turn: async () => (broken ? Promise.reject(new Error('no database')) : 'idle'),
    });
    expect(loop.problem()).toBe('a loop has not looked yet');
    await sleep(5);
    expect(loop.problem()).toBe('a loop: no database');
    broken = false;
    await expect.poll(() => loop.problem(), { timeout: 5_000 }).toBeUndefined();
    await loop.stop();
  });
});
