import { topics } from '@milepost/contracts';
import { expect, it } from 'vitest';
import { FieldMappings } from '../messages/field-mapping.js';
import { mergedStatements } from './merged-statements.js';
import { prepareBatch, type SentRecord } from './prepared-batch.js';

const receivedAtMs = Date.parse('2026-11-23T10:00:00Z');
const rules = { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 };

function sent(topic: string, partition: number, offset: number, vehicle: number): SentRecord {
  const item =
    topic === topics.status
      ? { status: 'online' }
      : { recordedAt: receivedAtMs, latitude: vehicle, longitude: 2, ...(vehicle === 2 && { signals: { 'Vehicle.Speed': 3 } }) };
  return {
    record: {
      ...{ topic, partition, offset: BigInt(offset), key: `v${vehicle}`, timestampMs: receivedAtMs },
      value: Buffer.from(JSON.stringify(item)),
      headers: {},
    },
    sender: { kind: 'known', vehicleId: `v${vehicle}`, vehicle, organisationId: 1 },
  };
}
const statementsOf = (records: SentRecord[]) =>
  prepareBatch(records, rules).rows.statements({ partition: records[0]?.record.partition ?? 0, feedEpoch: 1 });

it.each([topics.location, topics.diagnostics, topics.status])('has a row for every row of the batches, in every column: %s', (topic) => {
  const batches = [[sent(topic, 3, 7, 1), sent(topic, 3, 8, 1)], [sent(topic, 5, 20, 2)]].map(statementsOf);
  const merged = mergedStatements(batches);
  expect(merged.map(({ statement }) => statement.name)).toEqual(batches[0]?.map(({ statement }) => statement.name));
  for (const [index, { statement, values }] of merged.entries()) {
    const rows = batches.reduce((sum, batch) => sum + ((batch[index]?.values[0] as unknown[] | undefined)?.length ?? 0), 0);
    for (const [place, value] of values.entries()) if (statement.arrays.has(place)) expect(value).toHaveLength(rows);
  }
});

it('keeps with each row the partition and offset that it came from', () => {
  const [history] = mergedStatements(
    [[sent(topics.location, 3, 7, 1), sent(topics.location, 3, 8, 1)], [sent(topics.location, 5, 20, 2)]].map(statementsOf),
  );
  expect(history?.values.slice(0, 1)).toEqual([[1, 1, 2]]);
  expect(history?.values.slice(-3)).toEqual([[7n, 8n, 20n], [3, 3, 5], 1]);
});

it('refuses batches that do not run the same statements', () => {
  expect(() => mergedStatements([[sent(topics.location, 3, 7, 1)], [sent(topics.status, 5, 20, 2)]].map(statementsOf))).toThrow(TypeError);
});
