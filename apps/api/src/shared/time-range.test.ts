import { describe, expect, test } from 'vitest';
import { timeRangeOf } from './time-range.js';

const fromOf = (from: string) => timeRangeOf({ from }).from?.toISOString();

describe('a time range', () => {
  test.each([
    ['2026-11-24T06:00:00Z', '2026-11-24T06:00:00.000Z'],
    ['2026-11-24t06:00:00z', '2026-11-24T06:00:00.000Z'],
    ['2026-11-24T06:00:00.123+01:00', '2026-11-24T05:00:00.123Z'],
    ['2028-02-29T00:00:00-11:30', '2028-02-29T11:30:00.000Z'],
  ])('understands %s', (text, expected) => {
    expect(fromOf(text)).toBe(expected);
  });

  test('rounds fractions of a millisecond up: what is recorded before from is not in it, what is before to is', () => {
    expect(fromOf('2026-11-24T06:00:00.0001Z')).toBe('2026-11-24T06:00:00.001Z');
    expect(timeRangeOf({ to: '2026-11-24T06:00:00.9999Z' }).to?.toISOString()).toBe('2026-11-24T06:00:01.000Z');
  });

  test('may be open on both sides, or empty', () => {
    expect(timeRangeOf({})).toEqual({});
    const at = '2026-11-24T06:00:00Z';
    expect(timeRangeOf({ from: at, to: at })).toEqual({ from: new Date(at), to: new Date(at) });
  });

  test.each([
    '',
    'now',
    '2026-11-24',
    '2026-11-24T06:00:00',
    '2026-11-24 06:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-24T25:00:00Z',
    '1764000000000',
    '2026-06-30T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
  ])('refuses "%s" and names the parameter', (text) => {
    expect(() => timeRangeOf({ to: text })).toThrow(
      expect.objectContaining({ extensions: { errors: [expect.objectContaining({ parameter: 'to', code: 'invalid_time' })] } }),
    );
  });

  test('says how to write the + of an offset in a URL', () => {
    expect(() => timeRangeOf({ from: '2026-11-24T06:00:00 01:00' })).toThrow(/%2B/);
  });

  test('does not run backwards', () => {
    expect(() => timeRangeOf({ from: '2026-11-24T06:00:01Z', to: '2026-11-24T06:00:00Z' })).toThrow(/before from|from \(inclusive\)/);
  });
});
