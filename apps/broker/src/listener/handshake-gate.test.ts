import { expect, test } from 'vitest';
import { HandshakeGate } from './handshake-gate.js';

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
