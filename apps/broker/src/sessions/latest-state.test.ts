import { expect, test } from 'vitest';
import { LatestState } from './latest-state.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('whoever waited for a state that could not be stored hears of a later one, first and once, whenever that comes', async () => {
  const outcomes = [false, true, true];
  const written: number[] = [];
  const heard: string[] = [];
  const latest = new LatestState<number>((state) => {
    written.push(state);
    return Promise.resolve(outcomes.shift() === true);
  });
  latest.set(1, () => heard.push('one'));
  await turn();
  expect(heard).toEqual([]);
  latest.set(2, () => heard.push('two'));
  await turn();
  expect(heard).toEqual(['one', 'two']);
  latest.set(3);
  await turn();
  expect([written, heard]).toEqual([
    [1, 2, 3],
    ['one', 'two'],
  ]);
});
