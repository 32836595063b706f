import type { LogRecord } from '@milepost/kafka';
import { expect, it } from 'vitest';
import { DeadLetterRows } from './dead-letter-rows.js';
import type { Sender } from './sender.js';

const record: LogRecord = {
  topic: 'fleet.location',
  partition: 0,
  offset: 1n,
  timestampMs: 0,
  key: 'v-1',
  value: Buffer.from('{}'),
  headers: {},
};
const sender: Sender = { kind: 'known', vehicle: 1, vehicleId: 'v-1', organisationId: 1 };

const keptPointer = (pointer: string) => {
  const letters = new DeadLetterRows();
  letters.settle(record, sender, [{ code: 'not_storable', pointer, message: 'holds U+0000' }]);
  const [json = '[]'] = (letters.statements()[0]?.values[9] ?? []) as string[];
  const [error] = JSON.parse(json) as { pointer: string }[];
  return error?.pointer;
};

it('a pointer is kept as it is', () => expect(keptPointer('/3/attributes/a~1b')).toBe('/3/attributes/a~1b'));

it('a pointer through names of megabytes, which a packed payload of kilobytes may have, is cut, and says so', () => {
  const kept = keptPointer(`/attributes/${'x'.repeat(8 * 1024 * 1024)}`);
  expect(kept).toMatch(/^\/attributes\/x+…$/);
  expect(kept).toHaveLength(1_000);
});
