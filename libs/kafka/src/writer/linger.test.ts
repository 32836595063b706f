import { expect, test } from 'vitest';
import { Linger } from './linger.js';

/** Batches of so many records, one each 10 ms. */
function busy(recordsABatch: number, answerMs: number): Linger {
  const linger = new Linger(5);
  for (let batch = 0; batch < 50; batch += 1) {
    linger.sent(recordsABatch, batch * 10);
    linger.answered(answerMs);
  }
  return linger;
}

test('a record that comes alone does not wait for others', () => {
  expect(new Linger(5).ms).toBe(0);
  const rare = new Linger(5);
  for (let second = 0; second < 20; second += 1) rare.sent(1, second * 1_000);
  expect(rare.ms).toBe(0);
});

test('while others are on their way it waits its time', () => {
  expect(busy(10, 2).ms).toBe(5);
});

test('behind a slow Kafka it waits longer, for half of the time that an answer takes, up to a bound', () => {
  expect(busy(10, 24).ms).toBeCloseTo(12, 1);
  expect(busy(10, 2_000).ms).toBe(20);
});

test('after a pause the rate is forgotten with the next batch', () => {
  const linger = busy(10, 2);
  linger.sent(1, 60_000);
  expect(linger.ms).toBe(0);
});
