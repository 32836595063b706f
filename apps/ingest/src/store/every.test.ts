import { createLogger } from '@milepost/runtime';
import { afterEach, expect, test, vi } from 'vitest';
import { every } from './every.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
});

test('a failure is followed by the next turn', async () => {
  let turns = 0;
  const task = every(1, 'test', logger, async () => {
    turns += 1;
    throw new Error('failed');
  });
  await expect.poll(() => turns).toBeGreaterThan(1);
  await task.stop();
});

test('stopping waits for the turn that runs, and for no pause', async () => {
  const order: string[] = [];
  let finish: () => void = () => undefined;
  const turn = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const task = every(HOUR_MS, 'test', logger, () => turn.then(() => order.push('turn')));
  const stopped = task.stop().then(() => order.push('stopped'));
  await new Promise(setImmediate);
  finish();
  await stopped;
  expect(order).toEqual(['turn', 'stopped']);
});

test('turns leave nothing on a signal that lives as long as the process', async () => {
  // Node 20 keeps what AbortSignal.any leaves there, 60 bytes each time.
  const any = vi.spyOn(AbortSignal, 'any');
  let turns = 0;
  const task = every(1, 'test', logger, async () => {
    turns += 1;
  });
  await expect.poll(() => turns).toBeGreaterThan(3);
  await task.stop();
  expect(any).not.toHaveBeenCalled();
});
