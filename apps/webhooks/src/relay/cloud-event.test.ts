import { describe, expect, it } from 'vitest';
import { cloudEventRecord } from './cloud-event.js';

describe('cloudEventRecord', () => {
  it('is a CloudEvent in binary mode whose id is the webhook-id and whose value is the body, byte for byte', () => {
    const event = {
      eventId: '019aa1b2-0000-7000-8000-000000000000',
      type: 'alert.opened',
      recordKey: 'truck-1',
      body: '{"a":  "ü"}',
      createdAt: new Date('2026-11-24T00:00:00.123Z'),
      organisation: 'default',
    };
    expect(cloudEventRecord(event)).toEqual({
      topic: 'fleet.alerts',
      key: 'truck-1',
      value: Buffer.from(event.body),
      timestampMs: event.createdAt.getTime(),
      headers: {
        ce_specversion: '1.0',
        ce_id: event.eventId,
        ce_source: '/alerts',
        ce_type: 'milepost.alert.opened.v1',
        ce_time: '2026-11-24T00:00:00.123Z',
        'content-type': 'application/json',
        organisation: 'default',
      },
    });
  });
});
