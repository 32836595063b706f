import { topics } from '@milepost/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldMappings } from '../messages/field-mapping.js';
import { isNewer, type Moment } from './newest.js';
import { prepareBatch, type SentRecord } from './prepared-batch.js';

const base = Date.parse('2026-11-23T10:00:00Z');
const rules = { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 };

/** Few moments and few values, so that ties and repeats are common. */
const fixes = fc.array(
  fc.record({ vehicle: fc.integer({ min: 1, max: 3 }), at: fc.integer({ min: 0, max: 4 }), speedKph: fc.integer({ min: 0, max: 5 }) }),
  {
    minLength: 1,
    maxLength: 30,
  },
);
type GeneratedFix = { vehicle: number; at: number; speedKph: number };

const toRecord = ({ vehicle, at, speedKph }: GeneratedFix, offset: number): SentRecord => ({
  record: {
    topic: topics.location,
    partition: 0,
    offset: BigInt(offset),
    key: `v${vehicle}`,
    value: Buffer.from(JSON.stringify({ recordedAt: base + at, latitude: 1, longitude: 1, speedKph })),
    headers: {},
    timestampMs: base,
  },
  sender: { kind: 'known', vehicleId: `v${vehicle}`, vehicle, organisationId: 1 },
});

/** vehicle → [recordedAt, identity, speed] that a batch proposes, held against the one before as the upsert does. */
function latestAfter(batches: readonly (readonly GeneratedFix[])[]): Map<number, Moment & { speed: number }> {
  const stored = new Map<number, Moment & { speed: number }>();
  for (const batch of batches) {
    if (batch.length === 0) continue;
    const { values } = prepareBatch(batch.map(toRecord), rules).rows.statements({ partition: 0, feedEpoch: 1 })[1] ?? { values: [] };
    const [vehicles, , , , recordedAt, identity] = values as [number[], unknown, unknown, unknown, number[], bigint[]];
    const speeds = values[13] as number[];
    vehicles.forEach((vehicle, row) => {
      const proposed = { recordedAtMs: recordedAt[row] ?? 0, identity: identity[row] ?? 0n, speed: speeds[row] ?? -1 };
      if (isNewer(proposed, stored.get(vehicle))) stored.set(vehicle, proposed);
    });
  }
  return stored;
}

describe('the latest position', () => {
  it('is the same for any order, repetition and division into batches of the same fixes', () => {
    fc.assert(
      fc.property(fixes, fc.infiniteStream(fc.nat()), (items, randoms) => {
        const random = () => Number(randoms.next().value);
        const sorted = latestAfter([[...items].sort((a, b) => a.at - b.at)]);
        for (const [vehicle, { recordedAtMs, speed }] of sorted) {
          const own = items.filter((item) => item.vehicle === vehicle);
          const newestAt = Math.max(...own.map(({ at }) => at));
          expect(recordedAtMs).toBe(base + newestAt);
          expect(own.filter(({ at }) => at === newestAt).map(({ speedKph }) => speedKph)).toContain(speed);
        }
        const shuffled = [...items, ...items.filter(() => random() % 2 === 0)]
          .map((item) => ({ item, key: random() }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
        const batches: GeneratedFix[][] = [];
        for (let rest = shuffled; rest.length > 0; ) {
          const size = 1 + (random() % 5);
          batches.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        expect(latestAfter(batches)).toEqual(sorted);
      }),
      { numRuns: 200 },
    );
  });
});
