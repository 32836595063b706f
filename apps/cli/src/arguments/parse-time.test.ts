import { describe, expect, it } from 'vitest';
import { parseTime } from './parse-time.js';

const now = new Date('2026-03-01T12:00:00Z');
const read = (text: string) => parseTime(text, now)?.toISOString();

describe('parseTime', () => {
  it('reads RFC 3339, dates, and times relative to now', () => {
    expect(read('2026-03-02T08:30:00+01:00')).toBe('2026-03-02T07:30:00.000Z');
    expect(read('2026-03-02')).toBe('2026-03-02T00:00:00.000Z');
    expect(read('-1h')).toBe('2026-03-01T11:00:00.000Z');
    expect(read('+30d')).toBe('2026-03-31T12:00:00.000Z');
    expect(read('+2w')).toBe('2026-03-15T12:00:00.000Z');
  });

  it.each(['', 'tomorrow', '1h', '+1y', '2026-13-01', '2026-03-01T12:00:00', '+999999999w'])('does not guess at "%s"', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
