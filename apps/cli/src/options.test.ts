import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { backwards, forwards, time, uri } from './options.js';

beforeAll(() => {
  vi.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z'), toFake: ['Date'] });
});
afterAll(() => {
  vi.useRealTimers();
});

it('takes a time without a sign for one in the past where the past is meant, and for one to come where that is', () => {
  expect(backwards('2h').toISOString()).toBe('2026-03-01T10:00:00.000Z');
  expect(forwards('2h').toISOString()).toBe('2026-03-01T14:00:00.000Z');
  expect(forwards('30d').toISOString()).toBe('2026-03-31T12:00:00.000Z');
});

it('takes a sign at its word', () => {
  expect(backwards('+2h')).toEqual(forwards('+2h'));
  expect(forwards('-2h')).toEqual(backwards('-2h'));
  expect(forwards('2026-03-02')).toEqual(time('2026-03-02'));
});

it('asks which way where either may be meant', () => {
  expect(() => time('2h')).toThrow('Say which way from now: -2h or +2h.');
  expect(() => forwards('2 hours')).toThrow('Give RFC 3339');
  expect(() => forwards('2y')).toThrow('Give RFC 3339');
});

it('takes a URI with its scheme alone', () => {
  expect(uri('urn:vehicle:my-truck')).toBe('urn:vehicle:my-truck');
  expect(() => uri('my-truck')).toThrow('Give a URI with its scheme');
});
