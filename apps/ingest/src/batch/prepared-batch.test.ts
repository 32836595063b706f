import { topics } from '@milepost/contracts';
import type { LogRecord } from '@milepost/kafka';
import { describe, expect, it } from 'vitest';
import { FieldMappings } from '../messages/field-mapping.js';
import { prepareBatch, type SentRecord } from './prepared-batch.js';

const receivedAtMs = Date.parse('2026-11-23T10:00:00Z');
const rules = { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 };

function sent(offset: number, payload: unknown, more: Partial<LogRecord> = {}): SentRecord {
  const record: LogRecord = {
    topic: topics.location,
    partition: 2,
    offset: BigInt(offset),
    key: 'v1',
    value: Buffer.from(JSON.stringify(payload)),
    headers: { organisation: Buffer.from('default') },
    timestampMs: receivedAtMs + offset,
    ...more,
  };
  return { record, sender: { kind: 'known', vehicleId: 'v1', vehicle: 11, organisationId: 1 } };
}
const firstOf = (column: unknown) => String((column as unknown[])[0]);
const fix = (recordedAt: number, more: object = {}) => ({ recordedAt, latitude: 1, longitude: 2, ...more });
const insertOf = (records: SentRecord[], limits = rules) =>
  prepareBatch(records, limits).rows.statements({ partition: 2, feedEpoch: 3 })[0];

describe('prepareBatch', () => {
  it('makes one array a column, with the offset that each row came from', () => {
    const values = insertOf([sent(7, [fix(receivedAtMs), fix(receivedAtMs + 1)]), sent(9, fix(receivedAtMs + 2))])?.values ?? [];
    expect(values.slice(0, 3)).toEqual([
      [11, 11, 11],
      [1, 1, 1],
      [receivedAtMs, receivedAtMs + 1, receivedAtMs + 2],
    ]);
    expect(values.slice(-3)).toEqual([[7n, 7n, 9n], 2, 3]);
    expect(new Set(values.slice(0, -2).map((column) => (column as unknown[]).length))).toEqual(new Set([3]));
  });

  it('makes the same of a payload that is as most write it as of one that is read the general way', () => {
    const payloads = [fix(receivedAtMs, { driverId: 'd', hdop: 0.5 }), [fix(receivedAtMs + 1), fix(receivedAtMs + 200_000)]];
    const said = (headers: LogRecord['headers']) => {
      const { rows } = prepareBatch(
        payloads.map((payload, index) => sent(index, payload, { headers })),
        rules,
      );
      return { statements: rows.statements({ partition: 2, feedEpoch: 3 }), days: rows.days, count: rows.count };
    };
    expect(said({})).toEqual(said({ 'content-encoding': Buffer.from('identity') }));
    expect(said({}).count).toBe(3);
  });

  it('takes in records up to its limits, and at least one', () => {
    const records = [sent(0, [fix(1), fix(2)]), sent(1, fix(3)), sent(2, fix(4))].map(({ record, sender }) => ({ record, sender }));
    expect(prepareBatch(records, { ...rules, maxRows: 1 }).records).toHaveLength(3);
    const good = [0, 1, 2].map((n) => sent(n, [fix(receivedAtMs + n), fix(receivedAtMs - n - 1)]));
    expect(prepareBatch(good, { ...rules, maxRows: 3 })).toMatchObject({ nextOffset: 2n, lastTimestampMs: receivedAtMs + 1 });
    expect(prepareBatch(good, { ...rules, maxBytes: 1 })).toMatchObject({ nextOffset: 1n });
  });

  it('settles a record whose items are all wrong as one dead letter, and still counts the contact', () => {
    const batch = prepareBatch([sent(4, [fix(receivedAtMs, { latitude: 91 }), {}])], rules);
    expect(batch.rows.count).toBe(0);
    expect(batch.deadLetters.all).toMatchObject([
      { faults: [{ pointer: '/0/latitude' }, { code: 'missing_field', pointer: '/1/recordedAt' }] },
    ]);
    expect(batch.rows.statements({ partition: 2, feedEpoch: 3 })[1]?.values.slice(0, 5)).toEqual([
      [11],
      [1],
      [receivedAtMs + 4],
      [null],
      [null],
    ]);
  });

  it('keeps 50 faults of a record and counts them all', () => {
    const [letters] = prepareBatch(
      [
        sent(
          0,
          Array.from({ length: 80 }, () => 1),
        ),
      ],
      rules,
    ).deadLetters.statements();
    expect(JSON.parse(firstOf(letters?.values[9]))).toHaveLength(50);
    expect(letters?.values[10]).toEqual([80]);
  });

  it('cuts a long message where jsonb takes it: between two characters', () => {
    const refused = new Map([[0, { code: 'not_storable', pointer: '', message: `${'x'.repeat(499)}\u{1f69a}` } as const]]);
    const [letters] = prepareBatch([sent(0, fix(receivedAtMs))], rules, refused).deadLetters.statements();
    expect(JSON.parse(firstOf(letters?.values[9]))).toEqual([{ code: 'not_storable', pointer: '', message: `${'x'.repeat(499)}\ufffd` }]);
  });

  it('writes a record of a refused sender as a dead letter without looking into it', () => {
    const { record } = sent(0, fix(receivedAtMs));
    const fault = { code: 'wrong_organisation', pointer: '', message: 'm' } as const;
    const batch = prepareBatch([{ record, sender: { kind: 'refused', vehicleId: 'v1', organisationId: 5, fault } }], rules);
    expect(batch.rows.count).toBe(0);
    expect(batch.deadLetters.all).toMatchObject([{ faults: [fault] }]);
  });
});

describe('dead letters of a batch', () => {
  const replay = { organisation: Buffer.from('default'), 'replay-of': Buffer.from('fleet.location/2/3') };

  it('carry the id of the original when they are replays, and the last replay counts', () => {
    const failing = sent(8, {}, { headers: replay });
    const fine = sent(9, fix(receivedAtMs), { headers: replay });
    const statements = (records: SentRecord[]) =>
      prepareBatch(records, rules)
        .deadLetters.statements()
        .map(({ statement, values }) => [statement.name, values[2]]);
    expect(statements([failing])).toEqual([['ingest/upsert-dead-letters', [3n]]]);
    expect(statements([fine])).toEqual([['ingest/resolve-dead-letters', [3n]]]);
    expect(statements([failing, fine])).toEqual([['ingest/resolve-dead-letters', [3n]]]);
    expect(statements([fine, failing])).toEqual([['ingest/upsert-dead-letters', [3n]]]);
  });

  it('do not believe a replay-of that names another topic', () => {
    const foreign = sent(8, {}, { headers: { ...replay, 'replay-of': Buffer.from('fleet.status/2/3') } });
    expect(prepareBatch([foreign], rules).deadLetters.all).toMatchObject([{ id: { topic: topics.location, offset: 8n } }]);
  });

  it('keep headers that are no text as base64, so that a replay gives back the bytes', () => {
    const binary = Buffer.from([0xff, 0x00]);
    const [letters] = prepareBatch([sent(0, {}, { headers: { a: Buffer.from('é'), b: binary } })], rules).deadLetters.statements();
    expect(JSON.parse(firstOf(letters?.values[7]))).toEqual({ a: 'é', b: { base64: binary.toString('base64') } });
  });
});
