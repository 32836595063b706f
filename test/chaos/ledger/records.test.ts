import { expect, test } from 'vitest';
import { type JournalRecord, lineOf, recordOf } from './records.js';

const records: JournalRecord[] = [
  { kind: 'vehicle', vehicle: 3, vehicleId: 'chaos-3' },
  { kind: 'vehicle', vehicle: 4, vehicleId: '' },
  {
    kind: 'sent',
    vehicle: 3,
    topic: 'diagnostics',
    item: { sequence: 9, fate: 'letter', recordedAt: 1_790_000_000_123, latitude: -850_000, longitude: 12 },
  },
  { kind: 'acknowledged', vehicle: 3, sequence: 9, count: 3, at: 5 },
  { kind: 'up', vehicle: 3, at: 5 },
  { kind: 'down', vehicle: 3, at: 5, heardAt: 4 },
  { kind: 'left', vehicle: 3, at: 5 },
  { kind: 'taken', vehicle: 3, at: 5 },
  { kind: 'returned', vehicle: 3, at: 5 },
  { kind: 'poison', vehicle: 3, hash: 'abc', fault: 'invalid_json' },
  { kind: 'poison-acknowledged', vehicle: 3, hash: 'abc', at: 5 },
  { kind: 'stalled', from: 5, to: 905 },
];

test('what is noted is read back as it was', () => {
  expect(records.map((record) => recordOf(lineOf(record)))).toEqual(records);
});

test('a journal that says something else is not believed', () => {
  expect(() => recordOf('hello')).toThrow(/does not write/);
});
