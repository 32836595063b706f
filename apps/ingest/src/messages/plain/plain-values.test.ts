import { LocationItemSchema } from '@milepost/contracts';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it, test } from 'vitest';
import { instantMs } from '../instant.js';
import { readPlainBoolean, readPlainNumber, readPlainText, readPlainTime } from './plain-values.js';

const schema = Compile(LocationItemSchema);

/** What a reader makes of all of a text; undefined when it is not plain, or only the beginning of it is. */
function readAll(read: typeof readPlainNumber, text: string): number | undefined {
  const value = { end: -1, number: Number.NaN };
  const bytes = Buffer.from(`,${text}`);
  read(bytes, 1, value);
  return value.end === bytes.length ? value.number : undefined;
}

describe('readPlainNumber', () => {
  it('takes only what is its own canonical form, for the double that JSON.parse makes of it', () => {
    const digits = (max: number) => fc.array(fc.constantFrom(...'0123456789'), { maxLength: max }).map((all) => all.join(''));
    const written = fc
      .tuple(fc.constantFrom('', '-', '+'), digits(17), fc.constantFrom('', '.'), digits(17), fc.constantFrom('', '', '', 'e5', 'E-7'))
      .map((parts) => parts.join(''));
    const usual = fc
      .tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 12 }))
      .map(([n, e]) => String(n / 10 ** e));
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(written, usual, fc.double().map(String)), (text) => {
        const number = readAll(readPlainNumber, text);
        if (number === undefined) return;
        taken += 1;
        expect(number).toBe(JSON.parse(text));
        expect(JSON.stringify(number)).toBe(text);
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(1_000);
  });

  it.each([
    '0',
    '-1',
    '179.999999',
    '0.000001',
    '123456789012345',
    '0.12345678901234',
    '-0.5',
    '48.079190000000004',
    '-1234567890123456',
    '100000000000000000000',
  ])('takes %s', (text) => {
    expect(readAll(readPlainNumber, text)).toBe(Number(text));
  });

  it.each([
    '-0',
    '-0.0',
    '01',
    '1.0',
    '1.50',
    '.5',
    '1.',
    '1e3',
    '0.0000001',
    '0.00000012345678901234567',
    '12345678901234567',
    '48.0791900000000041',
    '1000000000000000000000',
    '-',
    '',
    'NaN',
  ])('leaves %s alone', (text) => {
    expect(readAll(readPlainNumber, text)).toBeUndefined();
  });
});

describe('readPlainTime', () => {
  it('takes only what the schema takes for a time, for the same moment', () => {
    const two = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const text = fc
      .tuple(
        fc.constantFrom('1969', '1970', '1999', '2000', '2024', '2026', '2100', '9999', '202'),
        two(13),
        two(32),
        fc.constantFrom('T', 'T', 'T', 't', ' '),
        two(24),
        two(60),
        two(60),
        fc.constantFrom('', '.5', '.12', '.123', '.1234', '.', ',5'),
        fc.constantFrom('Z', 'Z', 'Z', 'z', '+01:00', ''),
      )
      .map(
        ([year, month, day, t, hour, minute, second, ...rest]) => `${year}-${month}-${day}${t}${hour}:${minute}:${second}${rest.join('')}`,
      );
    let taken = 0;
    fc.assert(
      fc.property(text, (candidate) => {
        const number = readAll(readPlainTime, JSON.stringify(candidate));
        if (number === undefined) return;
        taken += 1;
        expect(schema.Check({ recordedAt: candidate })).toBe(true);
        expect(number).toBe(instantMs(candidate));
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it('reads every day of four hundred years', () => {
    for (let at = Date.UTC(1970, 0, 1, 23, 59, 59, 999); at < Date.UTC(2370, 0, 1); at += 86_400_000) {
      const text = JSON.stringify(new Date(at));
      const number = readAll(readPlainTime, text);
      if (number !== at) expect([text, number]).toEqual([text, at]);
    }
  });

  it.each(['2023-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2026-12-31T23:59:60Z', '2026-04-31T00:00:00Z', '2026-11-26T10:00:05'])(
    'leaves %s alone',
    (text) => {
      expect(readAll(readPlainTime, `"${text}"`)).toBeUndefined();
    },
  );
});

test('a text is plain without anything that is escaped or beyond ASCII', () => {
  const end = (text: string) => {
    const value = { end: -1, number: 0 };
    readPlainText(Buffer.from(text), 0, value);
    return value.end;
  };
  expect(['"a ~"', '""', '"a\\n"', '"\\u0041"', '"é"', '"\t"', '"\u007f"', '"open', 'a"'].map(end)).toEqual([
    5, 2, -1, -1, -1, -1, -1, -1, -1,
  ]);
});

test('a boolean is one of two words', () => {
  expect(['true', 'false', 'True', 'tru', 'null', '1'].map((text) => readAll(readPlainBoolean, text))).toEqual([
    1,
    0,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
