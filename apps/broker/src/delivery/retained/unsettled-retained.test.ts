import { serialize } from 'node:v8';
import type { OutboundMessage } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { UnsettledRetained } from './unsettled-retained.js';

const message = (text: string): OutboundMessage => ({ topic: 't', payload: Buffer.from(text), qos: 0, retain: true, properties: {} });

test('a topic whose records never cease to be on their way takes no more memory the longer that goes on', () => {
  const unsettled = new UnsettledRetained();
  let last = unsettled.begin('o', message('first'), undefined);
  for (let count = 0; count < 10_000; count++) {
    const next = unsettled.begin('o', message('next'), undefined);
    unsettled.settle('o', message(''), last, true);
    last = next;
  }
  expect(serialize(unsettled).length).toBeLessThan(2_000);
});

test('of those that are refused at last the one before is what the topic retains, however many were stored meanwhile', () => {
  const unsettled = new UnsettledRetained();
  const numbers = Array.from({ length: 300 }, (_, index) => unsettled.begin('o', message(String(index)), undefined));
  const settle = (index: number, isStored: boolean) => unsettled.settle('o', message(''), numbers[index] ?? 0, isStored);
  for (let index = 0; index < 297; index++) expect(settle(index, true)).toBeUndefined();
  expect(String(settle(299, false)?.now?.payload)).toBe('298');
  expect(String(settle(298, false)?.now?.payload)).toBe('297');
  expect(String(settle(297, false)?.now?.payload)).toBe('296');
});
