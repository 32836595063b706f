import { describe, expect, it } from 'vitest';
import { readDiagnostics } from './diagnostics.js';
import { readStatus } from './status.js';

const receivedAtMs = Date.parse('2026-11-23T10:00:00Z');
const context = { vehicleId: 'v1', receivedAtMs, clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mapping: undefined };
const faultsOf = (item: unknown) => {
  const reading = readDiagnostics(item, '', context);
  return reading.ok ? [] : reading.faults.map(({ code, pointer }) => [code, pointer]);
};

describe('readDiagnostics', () => {
  it('takes signals of every scalar type, and codes of both norms', () => {
    const item = {
      recordedAt: receivedAtMs,
      signals: { 'Vehicle.Speed': 1.5, 'Vehicle.IsMoving': true, 'Vehicle.Note': 'x', 'Vehicle.Nothing': null },
      dtcs: [
        { code: 'P0420-1A', status: 'active' },
        { spn: 524_287, fmi: 31, oc: 127, status: 'cleared' },
      ],
    };
    expect(readDiagnostics(item, '', context)).toMatchObject({ ok: true, item: { fields: item, attributes: null } });
  });

  it.each([
    ['a code of no norm', { dtcs: [{ code: 'X0420', status: 'active' }] }, [['invalid_field', '/dtcs/0/code']]],
    ['a DTC that is neither', { dtcs: [{ status: 'active' }] }, [['invalid_field', '/dtcs/0']]],
    ['a signal that is an object', { signals: { 'Vehicle.Speed': {} } }, [['invalid_field', '/signals/Vehicle.Speed']]],
    ['a signal without a name', { signals: { '': 1 } }, [['invalid_field', '/signals/']]],
    [
      'a signal with a name of 257 characters',
      { signals: { [`V${'x'.repeat(256)}`]: 1 } },
      [['invalid_field', `/signals/V${'x'.repeat(256)}`]],
    ],
  ])('points at %s', (_, item, faults) => {
    expect(faultsOf({ recordedAt: receivedAtMs, ...item })).toEqual(faults);
  });

  it.each([
    [{ recordedAt: 1.5 }, 'must be an RFC 3339 time like 2026-11-24T06:00:00Z, or whole milliseconds since 1970'],
    [{ dtcs: [{ code: 'X0420', status: 'active' }] }, 'must be a trouble code like P0420, or P0420-1A with its failure type'],
    [{ dtcs: [{ code: 'P0420' }] }, 'must have status, or spn and fmi and status'],
  ])('says of %j in words what must be there', (item, message) => {
    expect(readDiagnostics({ recordedAt: receivedAtMs, ...item }, '', context)).toMatchObject({ ok: false, faults: [{ message }] });
  });

  it('does not take an array', () => {
    expect(faultsOf([{ recordedAt: receivedAtMs }])).toEqual([['invalid_item', '']]);
  });
});

describe('readStatus', () => {
  it('takes online and offline, and keeps what else is said', () => {
    expect(readStatus({ status: 'offline', reason: 'sleep', rssi: -80 }, '', context)).toMatchObject({
      ok: true,
      item: { attributes: '{"rssi":-80}' },
    });
    const attributesOf = (attributes: unknown) => readStatus({ status: 'online', attributes, rssi: -80 }, '', context);
    expect(attributesOf({ slot: 1, rssi: -70 })).toMatchObject({ ok: true, item: { attributes: '{"slot":1,"rssi":-70,"/rssi":-80}' } });
    expect(attributesOf(null)).toMatchObject({ ok: true, item: { attributes: '{"attributes":null,"rssi":-80}' } });
    expect(attributesOf('ab')).toMatchObject({ ok: true, item: { attributes: '{"attributes":"ab","rssi":-80}' } });
    expect(readStatus({ status: 'gone' }, '', context)).toMatchObject({
      ok: false,
      faults: [{ code: 'invalid_field', pointer: '/status' }],
    });
  });
});
