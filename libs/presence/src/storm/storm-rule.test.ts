import { describe, expect, it } from 'vitest';
import { courseOf } from './incident-course.js';
import { connectedForNoStorm, isStorm } from './storm-rule.js';

const at = (seconds: number, away: number) => ({ atMs: seconds * 1_000, away });

describe('a storm', () => {
  it('is more than twenty of few', () => {
    expect(isStorm({ counts: [at(100, 20)], connectedBefore: 20 }, 100_000, 20)).toBe(false);
    expect(isStorm({ counts: [at(100, 21)], connectedBefore: 21 }, 100_000, 20)).toBe(true);
  });

  it('is more than a tenth of many', () => {
    expect(isStorm({ counts: [at(100, 100)], connectedBefore: 1_000 }, 100_000, 20)).toBe(false);
    expect(isStorm({ counts: [at(100, 101)], connectedBefore: 1_001 }, 100_000, 20)).toBe(true);
  });

  it('is none of however many when enough were connected before, which need not be counted any further', () => {
    for (let away = 1; away <= 10_000; away += 1)
      expect(isStorm({ counts: [at(100, away)], connectedBefore: connectedForNoStorm(away) }, 100_000, 0)).toBe(false);
    expect(isStorm({ counts: [at(100, 1_000)], connectedBefore: connectedForNoStorm(1_000) - 2 }, 100_000, 0)).toBe(true);
  });

  it('does not count who is back', () => {
    expect(isStorm({ counts: [at(100, 20)], connectedBefore: 10_000 }, 100_000, 20)).toBe(false);
  });

  it('counts a minute before and after', () => {
    expect(isStorm({ counts: [at(40, 11), at(160, 11)], connectedBefore: 22 }, 100_000, 20)).toBe(true);
    expect(isStorm({ counts: [at(39, 11), at(161, 11)], connectedBefore: 22 }, 100_000, 20)).toBe(false);
  });
});

describe('an incident', () => {
  const limits = { settledMs: 300_000, maxMs: 1_200_000 };

  it('closes five minutes after nine tenths are back', () => {
    const course = courseOf({ openedClockMs: 0, vehicles: 30, returned: 27 }, 100_000, limits);
    expect(course).toEqual({ kind: 'open', mostlyBackClockMs: 100_000 });
    const later = { openedClockMs: 0, mostlyBackClockMs: 100_000, vehicles: 30, returned: 27 };
    expect(courseOf(later, 399_000, limits).kind).toBe('open');
    expect(courseOf(later, 400_000, limits).kind).toBe('close');
  });

  it('begins to wait anew when members are lost again', () => {
    const course = courseOf({ openedClockMs: 0, mostlyBackClockMs: 100_000, vehicles: 30, returned: 20 }, 200_000, limits);
    expect(course).toEqual({ kind: 'open' });
  });

  it('closes after twenty minutes at the latest', () => {
    expect(courseOf({ openedClockMs: 0, vehicles: 30, returned: 0 }, 1_199_000, limits).kind).toBe('open');
    expect(courseOf({ openedClockMs: 0, vehicles: 30, returned: 0 }, 1_200_000, limits).kind).toBe('close');
  });
});
