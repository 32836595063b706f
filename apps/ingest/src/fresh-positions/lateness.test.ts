import { expect, it } from 'vitest';
import { LATE_MS, Lateness } from './lateness.js';

const now = 1_800_000_000_000;
const record = (timestampMs: number) => ({ offset: 0n, timestampMs, partition: 0, topic: 't', key: null, value: null, headers: {} });
const batch = (partition: number, ageMs: number) => ({ partition, records: [record(now - ageMs)] });

it('a partition is late while what is read was written long ago, and no longer', () => {
  const lateness = new Lateness();
  lateness.reading(batch(3, LATE_MS), now);
  expect(lateness.any).toBe(false);
  lateness.reading(batch(3, LATE_MS + 1), now);
  expect([lateness.has(3), lateness.has(4), lateness.count]).toEqual([true, false, 1]);
  lateness.reading(batch(3, 10), now);
  expect(lateness.any).toBe(false);
});

it('a partition whose log is read to its end is not late, though nothing more comes', () => {
  const lateness = new Lateness();
  lateness.reading(batch(1, 2 * LATE_MS), now);
  lateness.stored({ partition: 1, nextOffset: 9n, highWatermark: 10n });
  expect(lateness.has(1)).toBe(true);
  lateness.stored({ partition: 1, nextOffset: 10n, highWatermark: 10n });
  expect(lateness.any).toBe(false);
});

it('partitions that went elsewhere are not late here', () => {
  const lateness = new Lateness();
  lateness.reading(batch(1, 2 * LATE_MS), now);
  lateness.reset();
  expect(lateness.any).toBe(false);
});
