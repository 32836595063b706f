import cluster from 'node:cluster';
import { afterEach, expect, test } from 'vitest';
import { forkProcess } from './cluster-child.js';

afterEach(() => {
  cluster.setupPrimary({ cwd: undefined });
});

test('a process that the system does not start has ended, once: its place is not kept for it', async () => {
  cluster.setupPrimary({ cwd: '/no/such/folder' });
  const child = forkProcess({});
  const ends: unknown[] = [];
  child.on('exit', (code, signal) => ends.push([code, signal]));
  expect(child.pid).toBeUndefined();
  child.stop();
  await expect.poll(() => ends).not.toEqual([]);
  child.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(ends).toEqual([[null, null]]);
});
