import { afterEach, expect, test, vi } from 'vitest';
import type { AppendOutcome } from './append-outcome.js';
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
