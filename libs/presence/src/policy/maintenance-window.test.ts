import type { MaintenanceWindow } from '@milepost/contracts';
import { describe, expect, test } from 'vitest';
import { windowEndMs } from './maintenance-window.js';

const end = (window: MaintenanceWindow, at: string) => {
  const endMs = windowEndMs(window, Date.parse(at));
  return endMs === undefined ? undefined : new Date(endMs).toISOString();
};
const nightly: MaintenanceWindow = { weekdays: ['saturday'], start: '22:00', durationMinutes: 480, timeZone: 'Europe/Berlin' };

describe('a maintenance window', () => {
  test('holds from its start to its end, which is not in it', () => {
    const window = { from: '2026-03-01T10:00:00Z', to: '2026-03-01T12:00:00Z' };
    expect(end(window, '2026-03-01T09:59:59.999Z')).toBeUndefined();
    expect(end(window, '2026-03-01T10:00:00Z')).toBe('2026-03-01T12:00:00.000Z');
    expect(end(window, '2026-03-01T12:00:00Z')).toBeUndefined();
  });

  test('that comes again each week is by the local time of its zone, past midnight too', () => {
    // 2026-01-03 is a Saturday; Berlin is an hour ahead of UTC in winter.
    expect(end(nightly, '2026-01-03T20:59:59Z')).toBeUndefined();
    expect(end(nightly, '2026-01-03T21:00:00Z')).toBe('2026-01-04T05:00:00.000Z');
    expect(end(nightly, '2026-01-04T04:59:59Z')).toBe('2026-01-04T05:00:00.000Z');
    expect(end(nightly, '2026-01-04T05:00:00Z')).toBeUndefined();
    expect(end(nightly, '2026-01-04T21:30:00Z')).toBeUndefined();
    expect(end(nightly, '2026-07-04T20:00:00Z')).toBe('2026-07-05T04:00:00.000Z');
  });

  test('lasts as long as it says where the clocks change in it', () => {
    // Berlin leaves 02:00 to 03:00 of 2026-03-29 out.
    expect(end(nightly, '2026-03-28T21:00:00Z')).toBe('2026-03-29T05:00:00.000Z');
  });
});
