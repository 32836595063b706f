import fc from 'fast-check';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { LocationItemSchema } from './index.js';

const dateTime = Compile(Type.String({ format: 'date-time' }));
const location = Compile(LocationItemSchema);

test.each(['2026-11-26T10:00:05+01:00[Europe/Paris]', '2026-11-26T10:00:05Z[u-ca=hebrew]', '2026-11-26T10:00:05Z[!UTC]'])(
  '%s is no date-time: it says more than RFC 3339 knows',
  (text) => {
    expect(dateTime.Check(text)).toBe(false);
    expect(location.Check({ recordedAt: text, latitude: 1, longitude: 1 })).toBe(false);
  },
);

test('what passes for a date-time is a time to Date.parse, but for leap seconds', () => {
  const digits = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
  const text = fc
    .tuple(
      fc.constantFrom('0000', '1969', '2024', '2026', '9999'),
      digits(13),
      digits(32),
      fc.constantFrom('T', 't', ' '),
      digits(24),
      digits(60),
      digits(59),
      fc.constantFrom('', '.5', '.123456789', ',5'),
      fc.constantFrom('Z', 'z', '', '+01:00', '-23:59', '-00:00', '+24:00', '+0100'),
      fc.constantFrom('', '[Europe/Paris]', '[u-ca=hebrew]', ' (CET)'),
    )
    .map(([year, month, day, t, hour, minute, second, fraction, offset, more]) =>
      [year, '-', month, '-', day, t, hour, ':', minute, ':', second, fraction, offset, more].join(''),
    );
  let passed = 0;
  fc.assert(
    fc.property(text, (candidate) => {
      if (!dateTime.Check(candidate)) return;
      passed += 1;
      expect(Number.isSafeInteger(Date.parse(candidate))).toBe(true);
    }),
    { numRuns: 5_000 },
  );
  expect(passed).toBeGreaterThan(50);
});
