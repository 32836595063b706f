import { topics } from '@milepost/contracts';
import { bound } from '@milepost/database';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FieldMappings } from '../messages/field-mapping.js';
import { prepareBatch } from './prepared-batch.js';

const receivedAtMs = Date.parse('2026-11-23T10:00:00Z');
const rules = {
  clock: { aheadLimitMs: 120_000, retentionDays: 90 },
  mappings: new FieldMappings({}),
  maxRows: 5_000,
  maxBytes: 4_000_000,
  fencedOrganisations: () => new Set([1]),
};

/** Binds all that one message comes to, as for Postgres. How many rows and dead letters there are. */
function boundOf(topic: string, payload: string): { rows: number; deadLetters: number; values: unknown[][] } {
  const record = { topic, partition: 0, offset: 1n, key: 'v', timestampMs: receivedAtMs, value: Buffer.from(payload), headers: {} };
  const sender = { kind: 'known' as const, vehicleId: 'v', vehicle: 1, organisationId: 1 };
  const { rows, deadLetters } = prepareBatch([{ record, sender }], rules);
  const statements = [...rows.conditions(), ...rows.statements({ partition: 0, feedEpoch: 1 }), ...deadLetters.statements()];
  for (const { statement, values } of statements) bound(statement, values);
  return { rows: rows.count, deadLetters: deadLetters.count, values: statements.map(({ values }) => [...values]) };
}

/** A member of a JSON object, of any value; of some of its values those that the schemas want. */
const member = (names: readonly string[]) =>
  fc.tuple(
    fc.constantFrom(...names),
    fc.oneof(
      fc.constantFrom('"P0420"', '"active"', '"sos"', '1', '31', '1.5', '1e21', '5000000000', 'null', 'true', '[]', '{}', '""'),
      fc.json({ maxDepth: 2 }),
    ),
  );
const objectOf = (base: string, names: readonly string[]) =>
  fc
    .array(member(names), { maxLength: 4 })
    .map((members) => `{${[base, ...members.map(([name, value]) => `${JSON.stringify(name)}:${value}`)].join(',')}}`);
const odd = ['attributes', 'vehicleId', '__proto__', 'toJSON', 'constructor', 'x', '1'];
const time = `"recordedAt":${receivedAtMs}`;

const code = fc.oneof(
  ...['"code":"P0420","status":"active"', '"spn":100,"fmi":1,"status":"cleared"'].map((base) =>
    objectOf(base, ['code', 'spn', 'fmi', 'oc', 'status', ...odd]),
  ),
);
const report = fc
  .tuple(fc.array(code, { maxLength: 3 }), objectOf('"Vehicle.LowVoltageBattery.CurrentVoltage":11.5', ['a', ...odd]))
  .chain(([codes, signals]) =>
    objectOf(`${time},"dtcs":[${codes.join(',')}],"signals":${signals}`, ['sequence', 'engineHours', 'odometerKm', ...odd]),
  );
const event = objectOf('"name":"sos"', ['name', 'severity', ...odd]);
const fix = event.chain((one) =>
  objectOf(`${time},"latitude":51,"longitude":7,"events":[${one}]`, ['sequence', 'satellites', 'driverId', 'ignition', 'hdop', ...odd]),
);
const status = objectOf('"status":"online"', ['status', 'reason', ...odd]);

it('whatever JSON a vehicle sends is a row that can be written, or a dead letter: no message stops ingest', () => {
  const message = fc.oneof(
    report.map((payload) => [topics.diagnostics, payload] as const),
    fix.map((payload) => [topics.location, payload] as const),
    status.map((payload) => [topics.status, payload] as const),
  );
  fc.assert(
    fc.property(message, ([topic, payload]) => {
      const { rows, deadLetters } = boundOf(topic, payload);
      expect(rows + deadLetters).toBe(1);
    }),
    {
      numRuns: 2_000,
      examples: [
        [[topics.status, '{"status":"online","attributes":null}']],
        [[topics.diagnostics, `{${time},"dtcs":[{"spn":100,"fmi":1,"status":"active","code":123}]}`]],
        [[topics.diagnostics, `{${time},"dtcs":[{"code":"P0420","status":"active","spn":"none"}]}`]],
      ],
    },
  );
});

it('a trouble code is of the norm whose fields are right, and what is said beside them in the words of the other is left out', () => {
  const dtcs = [
    { code: 'P0420', status: 'active', spn: 'none', fmi: 'x', lamp: true },
    { spn: 100, fmi: 1, status: 'active', code: 123 },
    { spn: 100, fmi: 2, oc: 3, status: 'cleared', code: null },
  ];
  const { rows, values } = boundOf(topics.diagnostics, JSON.stringify({ recordedAt: receivedAtMs, dtcs }));
  expect(rows).toBe(1);
  const history = values.flatMap((columns) => columns.flat().map(String)).find((text) => text.startsWith('[{'));
  expect(JSON.parse(history ?? '')).toEqual([
    { code: 'P0420', status: 'active', lamp: true },
    { spn: 100, fmi: 1, status: 'active' },
    { spn: 100, fmi: 2, oc: 3, status: 'cleared' },
  ]);
  const states = values.find(([, , name]) => Array.isArray(name) && name.includes('P0420'));
  expect(states?.slice(2, 8)).toEqual([
    ['P0420', '100/1', '100/2'],
    ['P0420', null, null],
    [null, 100, 100],
    [null, 1, 2],
    [null, null, 3],
    ['active', 'active', 'cleared'],
  ]);
});
