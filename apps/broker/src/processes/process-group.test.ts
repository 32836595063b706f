import { EventEmitter } from 'node:events';
import { createLogger } from '@milepost/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ChildProcess, ProcessGroup } from './process-group.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class FakeChild extends EventEmitter implements ChildProcess {
  readonly pid = 1;
  readonly asked: string[] = [];
  constructor(readonly index: number) {
    super();
  }
  stop(): void {
    this.asked.push('stop');
  }
  kill(): void {
    this.asked.push('kill');
  }
  ends(code: number | null = null): void {
    this.emit('exit', code, code === null ? 'SIGKILL' : null);
  }
}

function groupUnderTest(count: number) {
  const children: FakeChild[] = [];
  const failures: string[] = [];
  let lost = 0;
  const group = new ProcessGroup({
    count,
    start: (index) => {
      const child = new FakeChild(index);
      children.push(child);
      return child;
    },
    fail: (error) => failures.push(error.message),
    onLost: () => {
      lost += 1;
    },
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  group.start();
  return { group, children, failures, lost: () => lost };
}

test('one that ends is started anew with its index, and the others are left alone', () => {
  const { group, children, lost } = groupUnderTest(2);
  for (const child of children) child.emit('ready');
  expect(group.notReady()).toEqual([]);
  children[1]?.ends();
  expect(group.notReady()).toEqual(['process 1 is not ready']);
  vi.advanceTimersByTime(5_000);
  expect(children.map(({ index }) => index)).toEqual([0, 1, 1]);
  expect(children[0]?.asked).toEqual([]);
  children[2]?.emit('ready');
  expect([group.readyCount, lost()]).toEqual([2, 1]);
});

test('processes that do not come up end the group after a few attempts', () => {
  const { children, failures } = groupUnderTest(1);
  for (let attempt = 0; attempt < 20; attempt++) {
    children.at(-1)?.ends(1);
    vi.advanceTimersByTime(5_000);
  }
  expect(children).toHaveLength(10);
  expect(failures[0]).toMatch(/does not stay up/);
});

test('one that ran well for a while has all its attempts again', () => {
  const { children, failures } = groupUnderTest(1);
  for (let life = 0; life < 20; life++) {
    children.at(-1)?.emit('ready');
    vi.advanceTimersByTime(30_000);
    children.at(-1)?.ends();
    vi.advanceTimersByTime(5_000);
  }
  expect(failures).toEqual([]);
  expect(children).toHaveLength(21);
});

test('a clock that is set back takes no attempt from one that ran well for a while', () => {
  const { children, failures } = groupUnderTest(1);
  for (let life = 0; life < 20; life++) {
    children.at(-1)?.emit('ready');
    vi.advanceTimersByTime(30_000);
    vi.setSystemTime(Date.now() - 60_000);
    children.at(-1)?.ends();
    vi.advanceTimersByTime(5_000);
  }
  expect(failures).toEqual([]);
  expect(children).toHaveLength(21);
});

test('at the end all are asked to stop, none is started anew, and what does not end is killed', async () => {
  const { group, children } = groupUnderTest(2);
  let over = false;
  const closed = group.close(1_000).then(() => {
    over = true;
  });
  children[0]?.ends(0);
  await vi.advanceTimersByTimeAsync(999);
  expect(children.map(({ asked }) => asked)).toEqual([['stop'], ['stop']]);
  await vi.advanceTimersByTimeAsync(1);
  expect(children[1]?.asked).toEqual(['stop', 'kill']);
  expect(over).toBe(false);
  children[1]?.ends();
  await closed;
  expect(children).toHaveLength(2);
});

test('one that was about to be started anew is not, once the end has come', async () => {
  const { group, children } = groupUnderTest(1);
  children[0]?.ends();
  await group.close(1_000);
  vi.advanceTimersByTime(10_000);
  expect(children).toHaveLength(1);
});
