import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { OutputFlusher } from './output-flusher.js';

it('writes each connection once a tick, when all that was to be said has been said', async () => {
  const flusher = new OutputFlusher();
  const flushed: string[] = [];
  const connection = (name: string) => ({ flush: () => void flushed.push(name) });
  flusher.add(connection('a'));
  flusher.add(connection('b'));
  expect(flushed).toEqual([]);
  await delay(1);
  expect(flushed).toEqual(['a', 'b']);
});

it('tells the time of this tick, also where somebody was added before it was asked: a deadline is counted from it', async () => {
  const flusher = new OutputFlusher();
  expect(flusher.now()).toBeGreaterThan(0);
  await delay(20);
  const startedAt = performance.now();
  flusher.add({ flush: () => undefined });
  expect(flusher.now()).toBeGreaterThanOrEqual(startedAt);
  const told = flusher.now();
  while (performance.now() < startedAt + 5);
  expect(flusher.now()).toBe(told);
});
