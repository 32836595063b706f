import { expect, it } from 'vitest';
import { messageBytes } from './message-bytes.js';
import { NO_PROPERTIES } from './properties.js';

const plain = { topic: 'a/b', payload: Buffer.alloc(100), properties: NO_PROPERTIES };

it('counts payload and topic', () => {
  expect(messageBytes(plain)).toBe(103);
});

it('counts what each property holds, and for a pair its own cost too: empty ones are not free', () => {
  const properties = { contentType: 'x'.repeat(7), responseTopic: 'y'.repeat(20), correlationData: Buffer.alloc(300) };
  expect(messageBytes({ ...plain, properties })).toBe(103 + 327);
  const userProperties: [string, string][] = [
    ['', ''],
    ['name', 'value5'],
  ];
  expect(messageBytes({ ...plain, properties: { userProperties } })).toBe(103 + 64 + 64 + 10);
  expect(messageBytes({ ...plain, properties: { contentType: 'x' } })).toBe(104);
});
