import { LocationItemSchema, maxItemsPerMessage } from '@milepost/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldMappings } from '../field-mapping.js';
import { type Fix, readLocation } from '../location.js';
import { parsePayload } from '../parse-payload.js';
import { readPlainFixes } from './read-plain-fixes.js';

const receivedAtMs = Date.parse('2026-11-23T10:00:00Z');
const context = { vehicleId: 'v1', receivedAtMs, clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mapping: undefined };
const plain = (text: string) => readPlainFixes(Buffer.from(text), context);

/** The general way; undefined when anything is wrong with any item. */
function general(text: string): Fix[] | undefined {
  const parsed = parsePayload(Buffer.from(text), { contentEncoding: undefined, batches: true });
  if (!parsed.ok) return undefined;
  const readings = parsed.items.map((item) => readLocation(item, '', context));
  return readings.every((reading) => reading.ok) ? readings.map(({ item }) => item) : undefined;
}

/** Neither the time nor the sender is a field of what a fix becomes, though the general way leaves them there. */
function fieldsOnly(fixes: Fix[] | undefined) {
  return fixes?.map(({ fields, ...rest }) => ({
    ...rest,
    fields: { ...fields, recordedAt: undefined, vehicleId: undefined, attributes: undefined },
  }));
}

const number = fc.oneof(
  fc.integer({ min: -200, max: 2_000 }),
  fc.tuple(fc.integer({ min: -1_800_000, max: 1_800_000 }), fc.integer({ min: 0, max: 9 })).map(([n, e]) => n / 10 ** e),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const time = fc.oneof(
  fc.integer({ min: -100_000_000, max: 130_000 }).map((ms) => receivedAtMs + ms),
  fc.integer({ min: -100_000_000, max: 130_000 }).map((ms) => new Date(receivedAtMs + ms).toISOString()),
  fc.constantFrom('2026-11-23T09:59:60Z', '2026-11-23T10:59:00+01:00', '2026-11-23T09:59:00.5Z', '1970-01-01T00:00:00Z', -1, 1.5, 'x'),
);
const anyValue = fc.oneof(
  number,
  time,
  fc.boolean(),
  fc.string({ maxLength: 5 }),
  fc.constant(null),
  fc.constant([]),
  fc.constant({ a: 1 }),
);
const scalar = fc.oneof(number, fc.boolean(), fc.constant(null), fc.string({ maxLength: 4 }));
const attributeName = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('a', 'aa', 'a!', 'ab', 'b', 'A', '10', '9', '__proto__', '!'));
const attributes = fc
  .dictionary(attributeName, scalar, { maxKeys: 3 })
  .chain((drawn) => fc.constantFrom(drawn, Object.fromEntries(Object.entries(drawn).toSorted(([a], [b]) => (a < b ? -1 : 1)))));
const likely = (name: string) => {
  if (name === 'recordedAt') return time;
  if (name === 'latitude' || name === 'longitude')
    return fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -90_000, max: 90_000 }).map((n) => n / 1_000) }, number);
  if (name === 'fixValid' || name === 'ignition') return fc.boolean();
  if (name === 'sequence' || name === 'satellites') return fc.nat({ max: 1_100 });
  if (name === 'driverId') return fc.oneof(fc.string({ maxLength: 140 }), fc.constantFrom('é', 'a"b', 'a\\b', 'plain'));
  if (name === 'vehicleId') return fc.constantFrom('v1', 'v1', 'v1', 'v2');
  if (name === 'events') return fc.constant([{ name: 'sos' }]);
  if (name === 'attributes') return attributes;
  return fc.integer({ min: 0, max: 3_599 }).map((n) => n / 10);
};
const names = [...Object.keys(LocationItemSchema.properties).filter((name) => name !== 'events'), 'vehicleId'];
const member = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(name), likely(name))) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...names, 'events', 'unknown')
      .chain((name) => fc.tuple(fc.constant(name), fc.oneof(likely(name), anyValue))),
  },
);
/** As text, in any order, now and then with a name that stands twice. */
const item = fc
  .tuple(
    time,
    likely('latitude'),
    likely('longitude'),
    fc.array(member, { maxLength: 8 }),
    fc.nat(),
    fc.integer({ min: 0, max: 19 }),
    fc.constantFrom('', '', ' ', '\r\n\t'),
  )
  .map(([recordedAt, latitude, longitude, more, turn, twice, blank]) => {
    const members = [...Object.entries({ recordedAt, latitude, longitude }), ...more];
    const once = twice === 0 ? members : [...new Map<string, unknown>(members)];
    const turned = once.map((_, index) => once[(index + turn) % once.length] ?? ['', 0]);
    return `{${blank}${turned.map(([name, value]) => `${JSON.stringify(name)}:${blank}${JSON.stringify(value)}`).join(`${blank},`)}${blank}}${blank}`;
  });

describe('readPlainFixes', () => {
  it('gives what the general way gives, or leaves the payload to it', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          item,
          fc.array(item, { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
        ),
        (text) => {
          const fixes = plain(text);
          if (fixes === undefined) return;
          taken += 1;
          expect(fieldsOnly(fixes)).toEqual(fieldsOnly(general(text)));
        },
      ),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(1_000);
  });

  it.each([
    { recordedAt: receivedAtMs, latitude: 48.5, longitude: -9.25, speedKph: 0, ignition: true, driverId: 'd 7', sequence: 3 },
    { vehicleId: 'v1', recordedAt: '2026-11-23T09:59:00.250Z', fixValid: false },
    { recordedAt: receivedAtMs, latitude: 1, longitude: 1, attributes: { '!': null, a: 'x', 'a!': -1.5, aa: true } },
    { recordedAt: receivedAtMs, latitude: 1, longitude: 1, attributes: {} },
    { longitude: 0, latitude: 0, recordedAt: receivedAtMs + 130_000 },
  ])('takes %j', (fix) => {
    const text = JSON.stringify(fix);
    expect(plain(text)).toBeDefined();
    expect(fieldsOnly(plain(text))).toEqual(fieldsOnly(general(text)));
  });

  const good = '"recordedAt":1795427000000,"latitude":1,"longitude":2';
  it.each([
    ['a blank where none may be', `{${good},"hdop" :1}`],
    ['something else behind it', `{${good}}\u00a0`],
    ['a name twice', `{${good},"latitude":1}`],
    ['a name with an escape', `{${good},"hdo\\u0070":1}`],
    ['an unknown field', `{${good},"x":1}`],
    ['events', `{${good},"events":[]}`],
    ['attributes out of order', `{${good},"attributes":{"b":1,"a":1}}`],
    ['an attribute that stands twice', `{${good},"attributes":{"a":1,"a":1}}`],
    ['an attribute whose name is a number', `{${good},"attributes":{"1":1}}`],
    ['a blank in attributes', `{${good},"attributes":{"a": 1}}`],
    ['an attribute that is no scalar', `{${good},"attributes":{"a":[]}}`],
    ['long attributes', `{${good},"attributes":{"a":"${'x'.repeat(1_100)}"}}`],
    ['null', `{${good},"hdop":null}`],
    ['a number that could be shorter', `{${good},"hdop":1.0}`],
    ['a number out of range', `{${good},"headingDeg":361}`],
    ['a fraction where whole numbers are', `{${good},"satellites":1.5}`],
    ['a text beyond its length', `{${good},"driverId":"${'d'.repeat(129)}"}`],
    ['the id of another', `{${good},"vehicleId":"v2"}`],
    ['no time', '{"latitude":1,"longitude":2}'],
    ['half a position', '{"recordedAt":1795427000000,"latitude":1,"fixValid":false}'],
    ['no position', '{"recordedAt":1795427000000}'],
    ['a time that is not believed', '{"recordedAt":1895427000000,"latitude":1,"longitude":2}'],
    ['nothing', '{}'],
    ['no item', '[]'],
    ['an item that is not plain among others', `[{${good}},{${good},"x":1}]`],
    ['a comma too many', `[{${good}},]`],
    ['a comma too many inside', `{${good},}`],
    ['an end that is missing', `[{${good}}`],
    ['something behind it', `[{${good}}]]`],
    ['a cut', `{${good}`],
    ['another kind', '"x"'],
    ['too many items', `[${Array.from({ length: maxItemsPerMessage + 1 }, () => `{${good}}`).join(',')}]`],
  ])('leaves a payload with %s to the general way', (_, text) => {
    expect(plain(text)).toBeUndefined();
  });

  it('leaves everything of a vehicle whose fields are mapped to the general way', () => {
    const mapping = new FieldMappings({ '*': { lat: 'latitude' } }).for('v1');
    expect(readPlainFixes(Buffer.from(`{${good}}`), { ...context, mapping })).toBeUndefined();
    expect(plain(`{${good}}`)).toHaveLength(1);
  });

  it('takes as many items as a message may hold', () => {
    expect(plain(`[${Array.from({ length: maxItemsPerMessage }, () => `{${good}}`).join(',')}]`)).toHaveLength(maxItemsPerMessage);
  });
});
