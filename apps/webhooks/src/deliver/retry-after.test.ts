import { describe, expect, it } from 'vitest';
import { maxRetryAfterMs, retryAfterMs } from './retry-after.js';

const now = Date.parse('2026-11-06T08:49:37Z');

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Fri, 06 Nov 2026 08:50:37 GMT', 60_000],
    ['Friday, 06-Nov-26 08:50:37 GMT', 60_000],
    ['Fri, 06 Nov 2026 08:00:00 GMT', 0],
    ['999999999999', maxRetryAfterMs],
    ['Fri, 06 Nov 2099 08:00:00 GMT', maxRetryAfterMs],
  ])('reads %j', (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));

  it.each([undefined, '', 'soon', '-1', '1.5', '1e3', 'Fri, 99 Nov 2026 99:99:99 GMT', '2026-11-06T09:00:00Z'])(
    'takes nothing from %j',
    (header) => expect(retryAfterMs(header, now)).toBeUndefined(),
  );
});
