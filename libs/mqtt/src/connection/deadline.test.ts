import { describe, expect, it } from 'vitest';
import { Deadline, STALL_MS } from './deadline.js';

it('is over when the client was not heard for the limit', () => {
  const deadline = new Deadline(1_000, 0);
  expect(deadline.dueAt).toBe(1_000);
  expect([999, 1_000].map((now) => deadline.isOver(now))).toEqual([false, true]);
  deadline.heard(400);
  expect([1_399, 1_400].map((now) => deadline.isOver(now))).toEqual([false, true]);
});

it('never is with the limit 0', () => {
  expect(new Deadline(0, 0).isOver(Number.MAX_SAFE_INTEGER)).toBe(false);
});

it('stands still while nothing is read, and begins anew after it', () => {
  const deadline = new Deadline(1_000, 0);
  deadline.pause(500);
  expect(deadline.isOver(9_000)).toBe(false);
  deadline.resume(9_000);
  expect(deadline.dueAt).toBe(10_000);
  deadline.resume(9_900);
  expect(deadline.dueAt).toBe(10_000);
});

describe('a stall of ours', () => {
  it('is a look that comes too late: then what has arrived is read first', () => {
    expect(new Deadline(1_000, 0).isOver(1_000 + STALL_MS)).toBe(true);
    expect(new Deadline(1_000, 0).isOver(1_001 + STALL_MS)).toBe(false);
  });

  it('gives the client the time of a look more, and not longer', () => {
    const deadline = new Deadline(1_000, 0);
    expect(deadline.isOver(5_000)).toBe(false);
    expect(deadline.dueAt).toBe(5_000 + STALL_MS);
    expect(deadline.isOver(5_000 + STALL_MS)).toBe(true);
  });
});
