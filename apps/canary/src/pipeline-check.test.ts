import { describe, expect, test } from 'vitest';
import { faultsOf, type PipelineState } from './pipeline-check.js';

const now = 1_000_000_000;
/** As after outages of an hour. */
const behindMs = 3_600_000;
const judgedTo = (logTimeMs: number) => ({ logTimeMs, clockMs: logTimeMs - behindMs });
const well: PipelineState = {
  nowMs: now,
  loopAgeMs: 9_000,
  clocks: [judgedTo(now - 2_000), judgedTo(now - 1_000)],
  clocksBefore: [judgedTo(now - 62_000), judgedTo(now - 61_000)],
};
const faults = (state: Partial<PipelineState>) => faultsOf({ ...well, ...state }, 30_000);

describe('there is a heartbeat', () => {
  test('when a message came through and every clock has advanced, however far outages have left the clocks behind', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ clocksBefore: undefined })).toEqual([]);
  });

  test.each<[string, Partial<PipelineState>, string]>([
    ['no message ever came through', { loopAgeMs: undefined }, 'no message of the canary has come through yet'],
    ['the last one is long ago', { loopAgeMs: 31_000 }, 'no message of the canary has come through for 31 s'],
    [
      'one partition is judged too late',
      { clocks: [judgedTo(now - 2_000), judgedTo(now - 31_000)] },
      'the log time of presence partition 1 is 31 s behind',
    ],
    [
      'one clock stands still',
      { clocksBefore: [judgedTo(now - 62_000), judgedTo(now - 1_000)] },
      'the clock of presence partition 1 stands still',
    ],
    ['one partition has no clock', { clocks: [undefined, judgedTo(now)] }, 'alerts has judged nothing of presence partition 0'],
    ['no partition is known', { clocks: [] }, 'the partitions of the presence log are not known'],
  ])('but not when %s', (_when, state, fault) => {
    expect(faults(state)).toEqual([fault]);
  });
});
