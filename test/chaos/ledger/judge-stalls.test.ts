import { expect, test } from 'vitest';
import { judgeStalls } from './judge-stalls.js';

const order = { graceMs: 12_000, loadMs: 600_000 };
/** One each ten seconds. */
const often = (times: number, tookMs: number) => Array.from({ length: times }, (_, n) => ({ from: n * 10_000, to: n * 10_000 + tookMs }));

test('who stood still for short is believed, however often', () => {
  expect(judgeStalls([], order)).toEqual({ ownStallMs: 0, longestOwnStallMs: 0, overloaded: [] });
  expect(judgeStalls(often(60, 3_000), order)).toEqual({ ownStallMs: 180_000, longestOwnStallMs: 3_000, overloaded: [] });
});

test('who stood still for longer than a grace cannot judge, nor who did so twice in a row', () => {
  expect(judgeStalls([{ from: 1_000, to: 13_000 }], order).overloaded).toEqual([]);
  expect(judgeStalls([{ from: 1_000, to: 13_001 }], order).overloaded).toEqual([
    { what: 'the ledger was late by up to 12001 ms, and a grace is 12000 ms' },
  ]);
  const inARow = [
    { from: 1_000, to: 8_000 },
    { from: 8_000, to: 14_000 },
  ];
  expect(judgeStalls(inARow, order).overloaded).toEqual([{ what: 'the ledger was late by up to 13000 ms, and a grace is 12000 ms' }]);
});

test('who was late by more than is allowed for, for more than a twentieth of the time, cannot judge', () => {
  expect(judgeStalls(often(7, 4_000), order).overloaded).toEqual([]);
  expect(judgeStalls(often(8, 4_000), order).overloaded).toEqual([
    { what: 'for 32000 ms of 600000 ms the ledger was late by more than 3000 ms' },
  ]);
});
