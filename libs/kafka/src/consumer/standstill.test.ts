import { expect, it } from 'vitest';
import { Standstill } from './standstill.js';

const at = (position: number, end: number, inHand = false) => [{ name: 't/0', position: BigInt(position), end: BigInt(end), inHand }];

it.each([
  ['stands behind the end for as long', [at(5, 9), at(5, 9), at(5, 12)], ['t/0']],
  ['has come on', [at(5, 9), at(6, 9), at(6, 9)], []],
  ['was at the end, and something has come just now', [at(5, 5), at(5, 5), at(5, 6)], []],
  ['is worked on', [at(5, 9), at(5, 9), at(5, 9, true)], []],
  ['was worked on in between', [at(5, 9), at(5, 9, true), at(5, 9)], []],
])('a partition that %s', (_, looks, still) => {
  const standstill = new Standstill(100);
  expect(looks.map((partitions, index) => standstill.look(partitions, index * 50)).at(-1)).toEqual(still);
});

it('is not there before the time is over, and begins anew when what was seen is forgotten', () => {
  const standstill = new Standstill(100);
  standstill.look(at(5, 9), 0);
  expect(standstill.look(at(5, 9), 99)).toEqual([]);
  standstill.forget();
  expect(standstill.look(at(5, 9), 150)).toEqual([]);
  expect(standstill.look(at(5, 9), 250)).toEqual(['t/0']);
});
