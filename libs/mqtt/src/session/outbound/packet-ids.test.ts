import { expect, it } from 'vitest';
import { PacketIds } from './packet-ids.js';

const none = new Set<number>();

it('gives every identifier once before it gives one again, from 1 to 65,535, and never 0', () => {
  const ids = new PacketIds();
  const given = new Set(Array.from({ length: 65_535 }, () => ids.next(none)));
  expect(given.size).toBe(65_535);
  expect([Math.min(...given), Math.max(...given)]).toEqual([1, 65_535]);
  expect(ids.next(none)).toBe(1);
});

it('passes over those in use, beyond the end too', () => {
  expect(new PacketIds(4).next(new Set([5, 6]))).toBe(7);
  expect(new PacketIds(65_534).next(new Set([65_535, 1]))).toBe(2);
});

it('knows what it never gave, until it has begun anew', () => {
  const ids = new PacketIds(2);
  expect([1, 2, 3].map((id) => ids.wasUsed(id))).toEqual([true, true, false]);
  expect([ids.next(none), ids.wasUsed(3), ids.wasUsed(4)]).toEqual([3, true, false]);
  const nearEnd = new PacketIds(65_534);
  nearEnd.next(none);
  nearEnd.next(none);
  expect(nearEnd.lastGiven).toBe(1);
  expect(nearEnd.wasUsed(60_000)).toBe(true);
  expect(new PacketIds(1, true).wasUsed(60_000)).toBe(true);
});
