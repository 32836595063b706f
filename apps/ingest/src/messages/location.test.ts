import { itemIdentity } from '@milepost/contracts';
import { describe, expect, it } from 'vitest';
import { FieldMappings } from './field-mapping.js';
import { readLocation } from './location.js';

const receivedAtMs = Date.parse('2026-11-23T10:00:00Z');
const context = { vehicleId: 'v1', receivedAtMs, clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mapping: undefined };
const good = { recordedAt: '2026-11-23T09:59:00Z', latitude: 43.5, longitude: -80.5 };
const read = (item: unknown) => readLocation(item, '/3', context);
const faultsOf = (item: unknown) => {
  const reading = read(item);
  return reading.ok ? [] : reading.faults.map(({ code, pointer }) => [code, pointer]);
};

describe('readLocation', () => {
  it('reads a fix, its time in ms and its identity', () => {
    expect(read(good)).toEqual({
      ok: true,
      item: {
        fields: good,
        recordedAtMs: receivedAtMs - 60_000,
        clockSuspect: false,
        identity: itemIdentity(good),
        fixValid: true,
        attributes: null,
      },
    });
  });

  it.each([
    ['not an object', [1], [['invalid_item', '/3']]],
    ['null', null, [['invalid_item', '/3']]],
    ['without recordedAt', { latitude: 1, longitude: 1 }, [['missing_field', '/3/recordedAt']]],
    ['of no time', { ...good, recordedAt: 'yesterday' }, [['invalid_field', '/3/recordedAt']]],
    ['of a day that is not', { ...good, recordedAt: '2026-02-30T00:00:00Z' }, [['invalid_field', '/3/recordedAt']]],
    [
      'of a time that names its zone',
      { ...good, recordedAt: '2026-11-23T10:59:00+01:00[Europe/Paris]' },
      [['invalid_field', '/3/recordedAt']],
    ],
    ['of a time without zone', { ...good, recordedAt: '2026-11-23T09:59:00' }, [['invalid_field', '/3/recordedAt']]],
    ['beyond the pole', { ...good, latitude: 91 }, [['invalid_field', '/3/latitude']]],
    [
      'twice wrong',
      { ...good, latitude: -91, longitude: 181 },
      [
        ['invalid_field', '/3/latitude'],
        ['invalid_field', '/3/longitude'],
      ],
    ],
    [
      'wrong in its place and its time',
      { ...good, latitude: 91, recordedAt: '2030-01-01T00:00:00Z' },
      [
        ['invalid_field', '/3/latitude'],
        ['recorded_in_future', '/3/recordedAt'],
      ],
    ],
    [
      'without a position, and of a time that is to come',
      { recordedAt: '2030-01-01T00:00:00Z' },
      [
        ['missing_position', '/3'],
        ['recorded_in_future', '/3/recordedAt'],
      ],
    ],
    ['with half a position', { recordedAt: good.recordedAt, latitude: 1 }, [['missing_position', '/3/longitude']]],
    [
      'with half a position and no fix',
      { recordedAt: good.recordedAt, longitude: 1, fixValid: false },
      [['missing_position', '/3/latitude']],
    ],
    ['without a position', { recordedAt: good.recordedAt }, [['missing_position', '/3']]],
    ['without a position that claims a fix', { recordedAt: good.recordedAt, fixValid: true }, [['missing_position', '/3']]],
    ["with another vehicle's id", { ...good, vehicleId: 'v2' }, [['vehicle_id_mismatch', '/3/vehicleId']]],
    [
      "with another vehicle's id and a wrong field",
      { ...good, vehicleId: 2, hdop: -1 },
      [
        ['vehicle_id_mismatch', '/3/vehicleId'],
        ['invalid_field', '/3/hdop'],
      ],
    ],
    ['with a nameless event', { ...good, events: [{ name: 'sos' }, { severity: 'high' }] }, [['missing_field', '/3/events/1/name']]],
    ['with attributes that are no scalars', { ...good, attributes: { 'a/b': [] } }, [['invalid_field', '/3/attributes/a~1b']]],
    ['from tomorrow and more', { ...good, recordedAt: receivedAtMs + 86_400_001 }, [['recorded_in_future', '/3/recordedAt']]],
    ['from before retention', { ...good, recordedAt: receivedAtMs - 90 * 86_400_000 - 1 }, [['recorded_too_old', '/3/recordedAt']]],
    ['with U+0000', { ...good, driverId: '\0' }, [['not_storable', '/3/driverId']]],
  ])('points at what is wrong with an item %s', (_, item, faults) => {
    expect(faultsOf(item)).toEqual(faults);
  });

  it('takes its own vehicleId, and does not count it to the attributes or the identity', () => {
    expect(read({ ...good, vehicleId: 'v1' })).toMatchObject({ ok: true, item: { attributes: null, identity: itemIdentity(good) } });
  });

  it.each([[{ ...good, latitude: 0, longitude: 0 }], [{ ...good, fixValid: false }], [{ recordedAt: good.recordedAt, fixValid: false }]])(
    '%j is no fix, and stored as such',
    (item) => {
      expect(read(item)).toMatchObject({ ok: true, item: { fixValid: false } });
    },
  );

  it('marks a clock that is more than two minutes ahead', () => {
    expect(read({ ...good, recordedAt: receivedAtMs + 120_000 })).toMatchObject({ ok: true, item: { clockSuspect: false } });
    expect(read({ ...good, recordedAt: receivedAtMs + 120_001 })).toMatchObject({ ok: true, item: { clockSuspect: true } });
  });

  it('keeps unknown fields beside the declared attributes, and loses none of them', () => {
    const reading = read(
      JSON.parse('{"recordedAt":1763892000000,"latitude":1,"longitude":1,"attributes":{"a":1},"a":2,"b":[3],"__proto__":4}'),
    );
    const clockFree = readLocation(
      JSON.parse('{"recordedAt":"2026-11-23T09:59:00Z","latitude":1,"longitude":1,"attributes":{"a":1},"a":2,"b":[3],"__proto__":4}'),
      '',
      context,
    );
    expect(reading.ok).toBe(false);
    expect(clockFree.ok && clockFree.item.attributes).toBe('{"a":1,"/a":2,"b":[3],"__proto__":4}');
  });

  it('takes the identity before the mapping, and points at the name that was sent', () => {
    const mapping = new FieldMappings({ '*': { lat: 'latitude', lon: 'longitude', ts: { field: 'recordedAt', unit: 's' } } }).for('v1');
    const sent = { ts: receivedAtMs / 1_000, lat: 1, lon: 2 };
    expect(readLocation(sent, '', { ...context, mapping })).toMatchObject({
      ok: true,
      item: { identity: itemIdentity(sent), recordedAtMs: receivedAtMs, fields: { latitude: 1, longitude: 2 } },
    });
    const wrong = readLocation({ ts: 1, lat: 91 }, '/0', { ...context, mapping });
    expect(wrong).toMatchObject({ ok: false, faults: [{ pointer: '/0/lat' }, { code: 'recorded_too_old', pointer: '/0/ts' }] });
    const old = readLocation({ ...sent, ts: 1 }, '/0', { ...context, mapping });
    expect(old).toMatchObject({ ok: false, faults: [{ code: 'recorded_too_old', pointer: '/0/ts' }] });
  });
});
