import { describe, expect, it } from 'vitest';
import { ConnectFailures, reasonOf } from './connect-failures.js';

const refused = 'connect ECONNREFUSED 127.0.0.1:8883';

describe('ConnectFailures', () => {
  it('asks for a line at the first failure and at each doubling, however many fail', () => {
    const failures = new ConnectFailures();
    const told = Array.from({ length: 1_000 }, (_, n) => failures.note(refused, n)).filter((count) => count !== undefined);
    expect(told).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
  });

  it('asks for a line at once when the reason is another, and counts each by itself', () => {
    const failures = new ConnectFailures();
    for (let n = 0; n < 3; n++) failures.note(refused, n);
    expect(failures.note('connack timeout', 3)).toBe(1);
    expect(failures.note(refused, 4)).toBe(4);
  });

  it('takes a reason that was not heard of for two minutes for new', () => {
    const failures = new ConnectFailures();
    for (let n = 0; n < 3; n++) failures.note(refused, 0);
    expect(failures.note(refused, 120_000)).toBe(4);
    expect(failures.note(refused, 240_001)).toBe(1);
  });

  it('keeps no more than 50 reasons, those that were heard of last', () => {
    const failures = new ConnectFailures();
    for (let n = 0; n < 50; n++) failures.note(`reason ${n}`, n);
    failures.note('reason 0', 50);
    failures.note('one more', 51);
    expect(failures.note('reason 0', 52)).toBeUndefined();
    expect(failures.note('reason 1', 53)).toBe(1);
  });
});

describe('reasonOf', () => {
  it('is the message, or the code of an error that has none', () => {
    expect(reasonOf(new Error('Connection refused: Not authorized'))).toBe('Connection refused: Not authorized');
    expect(reasonOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(reasonOf('odd')).toBe('odd');
  });
});
