import { describe, expect, test } from 'vitest';
import { RefusalLimiter, type RefusalLimits } from './refusal-limiter.js';

function limiter(more: Partial<RefusalLimits> = {}) {
  const limits = { windowMs: 10_000, perSecond: 100, maxKinds: 1_000, maxKindsFrom: 1_000, ...more };
  const records: [attempt: string, count: number][] = [];
  return { records, it: new RefusalLimiter<string>((attempt, count) => records.push([attempt, count]), 0, limits) };
}

describe('refused attempts', () => {
  test('the first of a kind is recorded at once', () => {
    const { it, records } = limiter();
    it.add('a', 'somewhere', 'first', 0);
    expect(records).toEqual([['first', 1]]);
  });

  test('those that follow within 10 s are recorded together, with their number, although none comes after them', () => {
    const { it, records } = limiter();
    for (let n = 0; n < 8; n++) it.add('a', 'somewhere', `attempt ${n}`, n * 1_000);
    it.sweep(9_999);
    expect(records).toEqual([['attempt 0', 1]]);
    it.sweep(10_000);
    expect(records).toEqual([
      ['attempt 0', 1],
      ['attempt 7', 7],
    ]);
    it.add('a', 'somewhere', 'later', 15_000);
    it.sweep(19_999);
    expect(records).toHaveLength(2);
    it.sweep(20_000);
    expect(records[2]).toEqual(['later', 1]);
  });

  test('kinds do not hold each other back', () => {
    const { it, records } = limiter();
    it.add('a', 'somewhere', 'a', 0);
    it.add('b', 'somewhere', 'b', 0);
    expect(records).toHaveLength(2);
  });

  test('more than 100 records a second are held back, and none is lost', () => {
    const { it, records } = limiter();
    for (let n = 0; n < 250; n++) it.add(`kind ${n}`, 'somewhere', 'x', 0);
    expect(records).toHaveLength(100);
    it.sweep(1_000);
    it.sweep(2_000);
    expect(records.reduce((sum, [, count]) => sum + count, 0)).toBe(250);
  });

  test('remembers a bounded number of kinds', () => {
    const { it } = limiter({ maxKinds: 2 });
    expect([it.add('a', 'somewhere', 'x', 0), it.add('b', 'somewhere', 'x', 0), it.add('c', 'somewhere', 'x', 0)]).toEqual([
      true,
      true,
      false,
    ]);
    it.sweep(10_000);
    expect(it.add('c', 'somewhere', 'x', 10_000)).toBe(true);
  });

  test('whoever comes with a new name each time leaves room for others, and has it again when those are forgotten', () => {
    const { it } = limiter({ maxKinds: 10, maxKindsFrom: 2 });
    expect(['a', 'b', 'c'].map((name) => it.add(name, 'flood', 'x', 0))).toEqual([true, true, false]);
    expect([it.add('a', 'flood', 'x', 0), it.add('d', 'elsewhere', 'x', 0)]).toEqual([true, true]);
    it.sweep(10_000);
    it.sweep(20_000);
    expect(['c', 'e', 'f'].map((name) => it.add(name, 'flood', 'x', 20_000))).toEqual([true, true, false]);
  });

  test('nothing is kept back at the end', () => {
    const { it, records } = limiter();
    it.add('a', 'somewhere', 'first', 0);
    it.add('a', 'somewhere', 'second', 1);
    it.flush();
    expect(records).toEqual([
      ['first', 1],
      ['second', 1],
    ]);
  });
});
