import { afterEach, expect, test, vi } from 'vitest';
import type { AppendOutcome, RunReceiver } from './append-outcome.js';
import { QueuedRecord } from './queued-record.js';

const MESSAGE = { key: 'k', value: null, headers: undefined, timestampMs: 0, bytes: 1 };
const STORED: AppendOutcome = { kind: 'stored', partition: 0, offset: 7n, timestampMs: 0 };
const WITHHELD: AppendOutcome = { kind: 'withheld', code: 'closed', message: '' };

afterEach(() => {
  vi.unstubAllGlobals();
});

test('has one outcome: it is accounted for, told, and then shown to whoever waits', () => {
  const heard: string[] = [];
  const record = new QueuedRecord(MESSAGE, undefined, { settled: ({ kind }) => void heard.push(`told ${kind}`) }, (_record, { kind }) =>
    heard.push(`accounted ${kind}`),
  );
  record.watch(() => heard.push('watched'));
  record.settle(STORED);
  record.settle(WITHHELD);
  record.watch(() => heard.push('watched late'));
  expect(heard).toEqual(['accounted stored', 'told stored', 'watched', 'watched late']);
});

test('stands in one row with those behind it that were put together with it', () => {
  const [one, other] = [{ settled: () => undefined }, { settled: () => undefined }];
  const of = (receiver: RunReceiver, index: number) => new QueuedRecord(MESSAGE, undefined, receiver, () => undefined, index);
  const row = [of(one, 0), of(one, 1), of(other, 2), of(one, 2), of(one, 4)];
  expect(row.map((record, at) => record.rowBehind(row, at))).toEqual([[row[1]], [], [], [], []]);
  row[1]?.settle(STORED);
  expect(row[0]?.rowBehind(row, 0)).toEqual([]);
});

test('a bug of who appended it is not lost, and does not reach who settles it', () => {
  const later: (() => void)[] = [];
  vi.stubGlobal('queueMicrotask', (task: () => void) => later.push(task));
  const watched = vi.fn();
  const bug = new Error('a bug');
  const record = new QueuedRecord(
    MESSAGE,
    undefined,
    {
      settled: () => {
        throw bug;
      },
    },
    () => undefined,
  );
  record.watch(watched);
  expect(() => record.settle(STORED)).not.toThrow();
  expect(watched).toHaveBeenCalledTimes(1);
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow(bug);
});
