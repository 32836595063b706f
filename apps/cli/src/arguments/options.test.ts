import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { backwards, each, forwards, host, name, organisation, time, uri } from './options.js';

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

it.each([
  'urn:vehicle:my-truck',
  'https://fleet.example/v/1?a=b&c=%C3%A9#top',
  'https://[2001:db8::1]:8443/v/1',
  'spiffe://fleet.example/truck_1~2',
  "tag:a@b,2026:(x)!*'",
])('takes the URI %s, which is of RFC 3986', (text) => {
  expect(uri(text)).toBe(text);
});

it.each([
  ['urn:vehicle:my truck', 'Give urn:vehicle:my%20truck.'],
  ['urn:vehicle:café', 'Give urn:vehicle:caf%C3%A9.'],
  ['https://fleet.example/a"b', 'Give https://fleet.example/a%22b.'],
  ['https://fleet.example/100%', 'Give https://fleet.example/100%25.'],
  ['urn:a#b#c', 'one # at most'],
  ['urn:a[1]', 'Give urn:a%5B1%5D.'],
  [' urn:a', '(RFC 3986)'],
  ['urn:a\n', 'Give urn:a%0A.'],
])('refuses the URI %j with what RFC 3986 allows, and how it is written', (text, advice) => {
  expect(() => uri(text)).toThrow('(RFC 3986)');
  expect(() => uri(text)).toThrow(advice);
});

it.each(['broker', 'broker.example.com', '*.example.com', '10.0.0.5', '::1', 'a_b'])('takes the host %s', (text) => {
  expect(host(text)).toBe(text);
});

it.each(['', 'a host', 'mqtts://broker', 'broker:8883', '[::1]', '-a', 'a..b'])('takes %j for no host alone', (text) => {
  expect(() => host(text)).toThrow('Give a host name or an address alone, like broker.example.com or 10.0.0.5.');
});

it('takes a name that database and API take, and an organisation that stands in a certificate', () => {
  expect(name('ä'.repeat(128))).toHaveLength(128);
  for (const text of ['', 'a\nb', 'a'.repeat(129)]) expect(() => name(text)).toThrow('Give 1 to 128 characters');
  expect(organisation('Müller & Söhne')).toBe('Müller & Söhne');
  for (const text of ['', ' ', 'a\tb', 'a'.repeat(65)]) expect(() => organisation(text)).toThrow('Give 1 to 64 printable characters');
});

it('parses each of several values, behind those before', () => {
  expect(each(host)('b', each(host)('a'))).toEqual(['a', 'b']);
  expect(() => each(host)('b c', ['a'])).toThrow('Give a host name');
});
