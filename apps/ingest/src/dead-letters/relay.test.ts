import { describe, expect, it } from 'vitest';
import { toRecord } from './relay.js';

describe('toRecord', () => {
  it('gives back the bytes of every header, says where it came from and what is wrong, and has the payload once', () => {
    const errors = [{ code: 'invalid_field' as const, pointer: '/3/latitude', message: 'must be <= 90' }];
    const record = toRecord({
      topic: 'fleet.location',
      partition: 3,
      offset: '4711',
      at: new Date(),
      vehicle_id: 'truck-1',
      record_timestamp: new Date(),
      record_key: 'truck-1',
      headers: { organisation: 'acme', odd: { base64: Buffer.from([0xff, 0]).toString('base64') } },
      payload: Buffer.from('[]'),
      errors,
      error_count: 80,
    });
    expect(record).toEqual({
      topic: 'fleet.dead-letter',
      key: 'truck-1',
      value: Buffer.from('[]'),
      headers: {
        organisation: 'acme',
        odd: Buffer.from([0xff, 0]),
        'source-topic': 'fleet.location',
        'source-partition': '3',
        'source-offset': '4711',
        errors: JSON.stringify(errors),
        'error-count': '80',
      },
    });
  });
});
