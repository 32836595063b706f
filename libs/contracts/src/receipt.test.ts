import { expect, test } from 'vitest';
import { formatReceipt, parseReceipt } from './receipt.js';

test('a receipt names its record, and is read back', () => {
  const record = { topic: 'fleet.location', partition: 11, offset: 2n ** 63n - 1n } as const;
  expect(parseReceipt(formatReceipt(record))).toEqual(record);
});

test.each([
  '',
  'fleet.location',
  'fleet.location/1',
  'fleet.location/1/2/3',
  'fleet.location/-1/2',
  'fleet.location/1/x',
  ' fleet.location/1/2',
  'fleet.location/1/9223372036854775808',
  'fleet.location/2147483648/1',
  'mqtt.messages/1/2',
  'elsewhere/1/2',
])('%j is none', (text) => {
  expect(parseReceipt(text)).toBeUndefined();
});
