import { describe, expect, test } from 'vitest';
import { ApiProblem } from '../problems/problem.js';
import { cursorFormat } from './cursor.js';

const cursor = cursorFormat('things', { at: 'instant', tie: 'bigint', name: 'text', part: 'integer', id: 'uuid' });
const place = {
  at: new Date('2026-11-24T06:00:00.123Z'),
  tie: -(2n ** 63n),
  name: 'fleet.location',
  part: 11,
  id: '019aaaaa-0000-7000-8000-000000000000',
};
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const written = ['things', place.at.getTime(), String(place.tie), place.name, place.part, place.id];

describe('a cursor', () => {
  test('reads back what was written', () => {
    expect(cursor.read(cursor.write(place))).toEqual(place);
    expect(cursor.write(place)).toBe(encoded(written));
  });

  test('reads back the longest name, of emoji', () => {
    const named = { ...place, name: '🚚'.repeat(128) };
    expect(cursor.read(cursor.write(named))).toEqual(named);
  });

  test('needs no escaping in a URL', () => {
    expect(cursor.write({ ...place, name: '???>>>äöü' })).toMatch(/^[\w-]+$/);
  });

  test.each([
    ['another list', ['other', ...written.slice(1)]],
    ['a part too few', written.slice(0, -1)],
    ['a part too many', [...written, 1]],
    ['a time that is none', written.with(1, 'yesterday')],
    ['a time beyond what Postgres holds', written.with(1, 8.64e15)],
    ['a fraction of a millisecond', written.with(1, 0.5)],
    ['a number beyond 64 bits', written.with(2, String(2n ** 63n))],
    ['a text that Postgres does not hold', written.with(3, 'a\0b')],
    ['a text without end', written.with(3, 'x'.repeat(256))],
    ['a partition beyond 32 bits', written.with(4, 2 ** 31)],
    ['a partition below the first', written.with(4, -1)],
    ['an id that is none', written.with(5, "' or true --")],
    ['an object', { things: 1 }],
    ['null', null],
  ])('refuses %s', (_what, value) => {
    expect(() => cursor.read(encoded(value))).toThrow(ApiProblem);
  });

  test.each(['', '!', `${encoded(written)}!`, `${encoded(written)}==`, ` ${encoded(written)}`, 'eyJ'])('refuses %j', (text) => {
    expect(() => cursor.read(text)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});
