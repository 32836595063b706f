import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { FEW_FULL_COLLECTIONS, NO_PRETENURING } from './garbage-collection.js';

/** Keeps the first 600,000 objects of one place, then makes two million short-lived ones there; V8 prints what it concludes. */
const conclusions = async (flag?: string): Promise<string> => {
  const script = `
    ${flag === undefined ? '' : `require('node:v8').setFlagsFromString(${JSON.stringify(flag)});`}
    const make = (n) => ({ n, list: [n, n] });
    let kept = [];
    for (let n = 0; n < 600_000; n += 1) kept.push(make(n));
    kept = [];
    for (let n = 0; n < 2_000_000; n += 1) make(n);
  `;
  // A collection of old space that comes in between makes V8 think anew. And V8 counts in code that is not optimised yet: where another thread
  // did that while the machine kept this one waiting, it counted too little to conclude anything.
  const flags = ['--initial-old-space-size=2000', '--no-concurrent-recompilation', '--trace-pretenuring-statistics'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, '-e', script]);
  return stdout + stderr;
};

test('objects are made in new space wherever the first ones of their kind lived long, which V8 would not do by itself', async () => {
  expect(await conclusions()).toContain('=> tenure');
  expect(await conclusions(NO_PRETENURING)).toBe('');
});

/** Twelve times 4 MiB of short strings, of which each time the last 4 MiB are kept until the next: what grows old, and is garbage soon after. */
const fullCollections = async (flags: string[]): Promise<number> => {
  const script = `
    let kept = [];
    for (let round = 0; round < 12; round += 1) {
      const next = [];
      for (let n = 0; n < 60_000; n += 1) next.push({ round, n, text: 'row ' + n });
      kept = next;
    }
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--trace-gc', '-e', script]);
  return stdout.split('Mark-Compact').length - 1;
};

test('the whole heap is collected late', async () => {
  expect(await fullCollections([])).toBeGreaterThan(0);
  expect(await fullCollections([FEW_FULL_COLLECTIONS])).toBe(0);
});
