import { expect, test } from 'vitest';
import { crc32c } from './crc32c.js';

// RFC 3720 §B.4, and the check value of the CRC catalogue.
test.each([
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['rising bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ['falling bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c],
  ['digits', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
])('the checksum of %s is the known one', (_, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test('a part has the checksum of its own bytes, wherever it lies', () => {
  const bytes = Buffer.from('a 123456789 b');
  expect(crc32c(bytes, 2, 11)).toBe(0xe3069283);
});
