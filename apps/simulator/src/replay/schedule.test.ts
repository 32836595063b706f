import type { DriveFix } from '@milepost/contracts';
import { describe, expect, it } from 'vitest';
import { parseSpeed, schedule } from './schedule.js';

const fixes: DriveFix[] = [0, 1_000, 4_000].map((atMs) => ({ latitude: 1, longitude: 2, atMs }));
const startMs = 1_000_000;
const times = (speed: number | 'max') =>
  schedule(fixes, speed, startMs).map(({ dueMs, recordedAt }) => [dueMs, recordedAt.getTime() - startMs]);

describe('schedule', () => {
  it('records each fix when it is sent, in real time', () => {
    expect(times(1)).toEqual([[0, 0], [1_000, 1_000], [4_000, 4_000]]); // biome-ignore format: a table
  });

  it('lets the drive end now at any other speed, in its own pace', () => {
    expect(times(2)).toEqual([[0, -4_000], [500, -3_000], [2_000, 0]]); // biome-ignore format: a table
    expect(times('max')).toEqual([[0, -4_000], [0, -3_000], [0, 0]]); // biome-ignore format: a table
  });
});

describe('parseSpeed', () => {
  it('takes numbers above 0, and max', () => {
    expect(['1', '0.5', 'max', '0', '-1', 'fast', ''].map(parseSpeed)).toEqual([1, 0.5, 'max', undefined, undefined, undefined, undefined]);
  });
});
