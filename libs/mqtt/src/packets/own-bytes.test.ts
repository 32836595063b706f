import { expect, it } from 'vitest';
import { ownBytes, withOwnBytes } from './own-bytes.js';

const read = Buffer.alloc(65_536, 'x');
const viewOf = (length: number) => read.subarray(100, 100 + length);

it('a small message lets go of the read that it came in, its correlation data too', () => {
  const { payload, properties } = withOwnBytes({ payload: viewOf(10), properties: { correlationData: viewOf(8), contentType: 't' } });
  expect([payload.buffer.byteLength, properties.correlationData?.buffer.byteLength]).toEqual([10, 8]);
  expect([String(payload), String(properties.correlationData), properties.contentType]).toEqual(['x'.repeat(10), 'x'.repeat(8), 't']);
});

it('no bytes of a read let go of it too', () => {
  const { buffer, length } = ownBytes(viewOf(0));
  expect([buffer.byteLength, length]).toEqual([0, 0]);
});

it('what fills its read, and what has no bytes, is not copied', () => {
  for (const payload of [viewOf(40_000), Buffer.alloc(0)]) {
    const message = { payload, properties: {} };
    expect(withOwnBytes(message)).toBe(message);
  }
});
