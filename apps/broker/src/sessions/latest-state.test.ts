import type { AppendOutcome } from '@milepost/kafka';
import { afterEach, expect, test, vi } from 'vitest';
import { LatestState } from './latest-state.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

const STORED: AppendOutcome = { kind: 'stored', partition: 0, offset: 0n, timestampMs: 0 };
const REFUSED: AppendOutcome = { kind: 'refused', code: 'INVALID_RECORD', message: '' };
const NO_ROOM: AppendOutcome = { kind: 'withheld', code: 'buffer_full', message: '' };

/** Of numbers, each written with the next of these outcomes. */
function latestWith(outcomes: (AppendOutcome | undefined)[]) {
  const written: number[] = [];
  const heard: string[] = [];
  const latest = new LatestState<number>((state) => {
    written.push(state);
    return Promise.resolve(outcomes.shift());
  });
  return { written, heard, latest, hear: (name: string) => () => heard.push(name) };
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test.each([
  ['refused', REFUSED],
  ['not to be written', undefined],
])('whoever waited for a state that was %s hears of a later one, first and once, whenever that comes', async (_what, outcome) => {
  const { written, heard, latest, hear } = latestWith([outcome, STORED, STORED]);
  latest.set(1, hear('one'));
  await turn();
  expect(heard).toEqual([]);
  latest.set(2, hear('two'));
  await turn();
  expect(heard).toEqual(['one', 'two']);
  latest.set(3);
  await turn();
  expect([written, heard]).toEqual([
    [1, 2, 3],
    ['one', 'two'],
  ]);
});

test('a state that finds no room is written again, and one that came meanwhile instead of it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const { written, heard, latest, hear } = latestWith([NO_ROOM, NO_ROOM, STORED]);
  latest.set(1, hear('one'));
  await vi.advanceTimersByTimeAsync(200);
  expect([written, heard, latest.busy]).toEqual([[1, 1], [], true]);
  latest.set(2, hear('two'));
  await vi.advanceTimersByTimeAsync(200);
  expect([written, heard, latest.busy]).toEqual([[1, 1, 2], ['one', 'two'], false]);
});

test('whoever waits no more hears of nothing, not of the state either that is being written', async () => {
  const { written, heard, latest, hear } = latestWith([STORED, STORED]);
  latest.set(1, hear('one'));
  latest.set(2, hear('two'));
  latest.forgetWaiting();
  await turn();
  expect([written, heard]).toEqual([[1, 2], []]);
});
