import { afterEach, expect, test, vi } from 'vitest';
import { HandshakeGate } from './handshake-gate.js';

afterEach(() => vi.useRealTimers());

test('no more than the limit run at a time, the others follow in order, and too many are turned away', () => {
  const started: number[] = [];
  const gate = new HandshakeGate<number>({ maxRunning: 2, maxWaiting: 2 }, (item) => started.push(item));
  expect([1, 2, 3, 4, 5].map((item) => gate.enter(item))).toEqual([true, true, true, true, false]);
  expect(started).toEqual([1, 2]);
  gate.leave();
  expect(started).toEqual([1, 2, 3]);
  gate.leave();
  gate.leave();
  gate.leave();
  expect(started).toEqual([1, 2, 3, 4]);
  expect(gate.runningCount).toBe(0);
});

test('whoever comes faster than the pace waits for its turn, in order', () => {
  vi.useFakeTimers();
  const started: number[] = [];
  let tokens = 1;
  const pace = { next: () => (tokens-- > 0 ? 0 : 100) };
  const gate = new HandshakeGate<number>({ maxRunning: 9, maxWaiting: 9 }, (item) => started.push(item), pace);
  for (const item of [1, 2, 3]) gate.enter(item);
  expect(started).toEqual([1]);
  tokens = 1;
  vi.advanceTimersByTime(100);
  expect(started).toEqual([1, 2]);
  tokens = 5;
  gate.leave();
  expect(started).toEqual([1, 2]);
  vi.advanceTimersByTime(100);
  expect(started).toEqual([1, 2, 3]);
});
