import { describe, expect, it } from 'vitest';
import { judgeClock, judgeRecordedAt } from './clock.js';
import { instantMs } from './instant.js';

const received = Date.parse('2026-11-23T10:00:00Z');
const rules = { aheadLimitMs: 120_000, retentionDays: 90 };
const judged = (offsetMs: number) => judgeClock(received + offsetMs, received, rules);
const day = 86_400_000;

describe('judgeClock', () => {
  it.each([
    [0, 'trusted'],
    [120_000, 'trusted'],
    [120_001, 'suspect'],
    [day, 'suspect'],
    [-90 * day, 'trusted'],
  ])('%i ms from the receive time is %s', (offset, kind) => {
    expect(judged(offset).kind).toBe(kind);
  });

  it('refuses more than a day ahead, and before retention', () => {
    expect(judged(day + 1)).toMatchObject({ kind: 'refused', code: 'recorded_in_future' });
    expect(judged(30 * 3_600_000)).toMatchObject({ message: expect.stringContaining('more than 30 hours after it was received') });
    expect(judged(1_496 * day + 5)).toMatchObject({ message: expect.stringContaining('more than 1496 days after') });
    expect(judged(-90 * day - 1)).toMatchObject({ kind: 'refused', code: 'recorded_too_old' });
  });
});

describe('judgeRecordedAt', () => {
  const hint = 'it looks like seconds, and milliseconds since 1970 are wanted';
  const said = (recordedAt: string | number) => judgeRecordedAt(recordedAt, received, rules);

  it('says of seconds that they look like that, and of no other time', () => {
    const seconds = received / 1_000;
    expect(said(seconds)).toMatchObject({ code: 'recorded_too_old', message: expect.stringContaining(hint) });
    for (const other of [seconds - 91 * 86_400, 0, new Date(seconds).toISOString(), received - 91 * day, received * 1_000])
      expect(said(other)).toMatchObject({ kind: 'refused', message: expect.not.stringContaining(hint) });
    expect(said(received)).toEqual({ kind: 'trusted' });
  });
});

describe('instantMs', () => {
  it.each([
    ['2026-11-23T10:00:00Z', received],
    ['2026-11-23t10:00:00z', received],
    ['2026-11-23T12:00:00.0009+02:00', received],
    ['2026-11-23T09:59:60Z', received],
    ['2026-11-23T09:59:60.250Z', received + 250],
    [received, received],
  ])('reads %s', (value, ms) => {
    expect(instantMs(value)).toBe(ms);
  });
});
