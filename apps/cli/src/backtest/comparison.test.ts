import { describe, expect, it } from 'vitest';
import { type ComparedAlert, compare } from './comparison.js';

const alert = (openedAtMs: number, more: Partial<ComparedAlert> = {}): ComparedAlert => ({
  vehicle: 1,
  vehicleId: 'v1',
  organisationId: 1,
  type: 'offline',
  openedAtMs,
  cause: 'network_error',
  ...more,
});
const verdicts = (real: ComparedAlert[], replayed: ComparedAlert[]) => compare(real, replayed).map(({ verdict }) => verdict);

describe('what was and what would have been', () => {
  it('is the same when it opened, was told and ended at the same times for the same cause', () => {
    const one = alert(10, { toldAtMs: 10, resolvedAtMs: 20 });
    expect(verdicts([one], [{ ...one }])).toEqual(['same']);
    expect(verdicts([one], [{ ...one, toldAtMs: 12 }])).toEqual(['other time']);
    expect(verdicts([one], [{ ...one, resolvedAtMs: 21 }])).toEqual(['other time']);
    expect(verdicts([one], [{ ...one, cause: 'revoked' }])).toEqual(['other cause']);
  });

  it('is one alert at another time when both were open at once, and two alerts when not', () => {
    expect(verdicts([alert(10, { resolvedAtMs: 20 })], [alert(15, { resolvedAtMs: 20 })])).toEqual(['other time']);
    expect(verdicts([alert(10, { resolvedAtMs: 20 })], [alert(20)])).toEqual(['only in reality', 'only with this policy']);
    expect(verdicts([alert(10)], [alert(10, { type: 'silent' })])).toEqual(['only with this policy', 'only in reality']);
  });

  it('pairs equal times first, so that one more before it does not shift the rest', () => {
    const real = [alert(30, { resolvedAtMs: 40 })];
    expect(verdicts(real, [alert(10, { resolvedAtMs: 31 }), alert(30, { resolvedAtMs: 40 })])).toEqual(['only with this policy', 'same']);
  });

  it('says nothing of when it was told where somebody had taken care of it, or where it was told before the replay', () => {
    expect(verdicts([alert(10, { acknowledged: true })], [alert(10, { toldAtMs: 12 })])).toEqual(['same']);
    expect(verdicts([alert(10, { toldAtMs: 5 })], [alert(10, { seeded: 'told' })])).toEqual(['same']);
  });
});
