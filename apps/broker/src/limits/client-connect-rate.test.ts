import { expect, test } from 'vitest';
import { ClientConnectRate } from './client-connect-rate.js';

const taken = (rate: ClientConnectRate, client: string, ...timesMs: number[]) => timesMs.map((atMs) => rate.take(client, atMs));

test('so many of one client in any minute are let in, and clients do not count for each other', () => {
  const rate = new ClientConnectRate(3);
  expect(taken(rate, 'a', 0, 10_000, 20_000, 59_999)).toEqual([true, true, true, false]);
  expect(taken(rate, 'b', 59_999)).toEqual([true]);
  expect(taken(rate, 'a', 60_000, 60_000, 70_000, 79_999, 80_000)).toEqual([true, false, true, false, true]);
});

test('who is refused is not counted: one that tries on each second is let in sixty times a minute', () => {
  const rate = new ClientConnectRate(60);
  const halves = Array.from({ length: 1_200 }, (_, index) => index * 500);
  expect(taken(rate, 'a', ...halves).filter(Boolean)).toHaveLength(600);
  expect(taken(rate, 'tunnel', ...halves.filter((atMs) => atMs % 2_000 === 0)).every(Boolean)).toBe(true);
});

test('what is given back may be taken again', () => {
  const rate = new ClientConnectRate(1);
  rate.take('a', 0);
  rate.giveBack('a');
  rate.giveBack('nobody');
  expect(taken(rate, 'a', 0, 0)).toEqual([true, false]);
});

test('a sweep forgets whoever has not come for a minute, and nothing that still counts', () => {
  const rate = new ClientConnectRate(2);
  taken(rate, 'a', 0, 1_000);
  rate.take('b', 2_000);
  rate.take('c', 3_000);
  rate.giveBack('c');
  taken(rate, 'b', 60_500);
  rate.sweep(60_999);
  expect([rate.size, rate.take('a', 60_999), rate.take('a', 60_999)]).toEqual([3, true, false]);
  // `a` and `b` came first of all, and come on.
  rate.take('d', 61_000);
  rate.take('b', 100_000);
  rate.take('a', 110_000);
  rate.sweep(121_001);
  expect(rate.size).toBe(2);
  rate.sweep(170_000);
  expect(rate.size).toBe(0);
});
