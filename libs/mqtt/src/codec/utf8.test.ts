import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeUtf8, isUtf8 } from './utf8.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function reference(bytes: Buffer): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The limits of each row of RFC 3629's table, and one beyond each. */
const edges = [
  ...[
    '7f',
    '80',
    'c2 80',
    'c1 bf',
    'c2 7f',
    'c2 c0',
    'df bf',
    'c2',
    'e0 a0 80',
    'e0 9f bf',
    'e1 80 80',
    'e1 80 7f',
    'e1 80 c0',
    'e1 80',
    'ed 9f bf',
  ],
  ...[
    'ed a0 80',
    'ee 80 80',
    'ef bf bf',
    'f0 90 80 80',
    'f0 8f bf bf',
    'f0 90 80',
    'f0 90 7f 80',
    'f0 90 80 7f',
    'f0 90 80 c0',
    'f1 80 80 80',
  ],
  ...['f4 8f bf bf', 'f4 90 80 80', 'f5 80 80 80', 'ff', 'ef bb bf 61'],
];

it.each(edges)('judges %s as the Encoding standard does [MQTT-1.5.4-1, MQTT-1.5.4-3]', (hex) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  expect(isUtf8(bytes)).toBe(reference(bytes) !== undefined);
  expect(decodeUtf8(bytes, 0, bytes.length)).toBe(reference(bytes));
});

it('judges any bytes, and any part of them, as the Encoding standard does', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, fc.nat(12), fc.nat(12), (array, from, length) => {
      const all = Buffer.from(array);
      const [start, end] = [Math.min(from, all.length), Math.min(from + length, all.length)];
      const part = all.subarray(start, end);
      expect(isUtf8(all, start, end)).toBe(reference(part) !== undefined);
      expect(decodeUtf8(all, start, end)).toBe(part.includes(0) ? undefined : reference(part));
    }),
  );
});

it('takes no U+0000 into a string [MQTT-1.5.4-2]', () => {
  expect(decodeUtf8(Buffer.from('a\0'), 0, 2)).toBeUndefined();
  expect(isUtf8(Buffer.from('a\0'))).toBe(true);
});
