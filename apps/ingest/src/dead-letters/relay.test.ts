import { describe, expect, it } from 'vitest';
import { type DeadLetterRow, toRecord } from './relay.js';

const letter = (keys: Pick<DeadLetterRow, 'vehicle_id' | 'record_key'>): DeadLetterRow => ({
  topic: 'fleet.location',
  partition: 3,
  offset: '4711',
  at: new Date(),
  ...keys,
  record_timestamp: new Date(),
  headers: { organisation: 'acme', odd: { base64: Buffer.from([0xff, 0]).toString('base64') } },
  payload: Buffer.from('[]'),
  errors: [{ code: 'invalid_field' as const, pointer: '/3/latitude', message: 'must be <= 90' }],
  error_count: 80,
});

describe('toRecord', () => {
  it('gives back the bytes of every header, says where it came from and what is wrong, and has the payload once', () => {
    const row = letter({ vehicle_id: 'truck-1', record_key: 'truck-1' });
    expect(toRecord(row)).toEqual({
      topic: 'fleet.dead-letter',
      key: 'truck-1',
      value: Buffer.from('[]'),
      headers: {
        organisation: 'acme',
        odd: Buffer.from([0xff, 0]),
        'source-topic': 'fleet.location',
        'source-partition': '3',
        'source-offset': '4711',
        errors: JSON.stringify(row.errors),
        'error-count': '80',
      },
    });
  });

  it('says the key of the source where it names no vehicle', () => {
    const nobody = toRecord(letter({ vehicle_id: null, record_key: 'truck 1' }));
    expect([nobody.key, nobody.headers?.['source-key']]).toEqual([null, 'truck 1']);
    const keyless = toRecord(letter({ vehicle_id: null, record_key: null }));
    expect([keyless.key, keyless.headers]).toEqual([null, expect.not.objectContaining({ 'source-key': expect.anything() })]);
  });
});
