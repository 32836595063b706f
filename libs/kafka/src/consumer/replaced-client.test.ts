import { createLogger } from '@milepost/runtime';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { FakeMember, startConsumer, turn } from './batch-consumer.fixture.js';
import { type BatchConsumerOptions, createBatchConsumerOn } from './batch-consumer.js';

// By a clock of the test: on a busy machine a look comes late, and what was to be seen between two of them is over.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** Time passes until it is so, 5 s at the most. */
async function until(isSo: () => boolean): Promise<void> {
  for (let passedMs = 0; !isSo() && passedMs < 5_000; passedMs += 10) await pass(10);
  expect(isSo()).toBe(true);
}

test('a client whose coordinator is silent is thrown away, and another takes its place', async () => {
  const { consumer, members } = await startConsumer({ watchdogMs: 20 });
  const [first] = members;
  first?.join(0);
  await pass(60);
  expect(members.length).toBeGreaterThan(1);
  expect(first?.closed).toBe(true);
  first?.join(0);
  expect(consumer.assigned()).toEqual([]);
});

test('a client that gave up because the coordinator was not up yet is replaced; any other reason is fatal', async () => {
  const { members, fatal } = await startConsumer();
  const [first] = members;
  first?.join(0);
  const cause = Object.assign(new Error('no coordinator'), { name: 'KafkaJSGroupCoordinatorNotFound' });
  first?.handlers.onCrash(Object.assign(new Error('gave up', { cause }), { name: 'KafkaJSNonRetriableError' }));
  await until(() => members.length === 2);
  expect([first?.closed, fatal]).toEqual([true, []]);
  const denied = Object.assign(new Error('not authorised'), { name: 'KafkaJSSASLAuthenticationError' });
  first?.handlers.onCrash(denied);
  expect(fatal).toEqual([]);
  members[1]?.handlers.onCrash(denied);
  expect(fatal).toEqual([denied]);
});

test('a partition that is behind and that nobody reads makes another client; one that is worked on does not', async () => {
  let end = () => {};
  const inHand = new Promise<void>((resolve) => {
    end = resolve;
  });
  const onBatch: BatchConsumerOptions['onBatch'] = ({ partition }) =>
    partition === 1 ? inHand.then(() => ({ kind: 'done' })) : Promise.resolve({ kind: 'done' });
  const { member, members } = await startConsumer({ standstillMs: 30, onBatch });
  member.join(1);
  await turn();
  const work = member.fetch(1, 10);
  await pass(150);
  expect(members).toHaveLength(1);
  end();
  await work;
  await until(() => members.length === 2);
  expect(member.closed).toBe(true);
});

test('partitions that wait for a batch of another one are not forgotten: one that is not read once it is done is', async () => {
  let end = () => {};
  const inHand = new Promise<void>((resolve) => {
    end = resolve;
  });
  const onBatch: BatchConsumerOptions['onBatch'] = () => inHand.then(() => ({ kind: 'done' }));
  const { member, members } = await startConsumer({ standstillMs: 60, onBatch });
  member.join(1, 2);
  await turn();
  const work = member.fetch(1, ...Array.from({ length: 90 }, (_, index) => 10 + index));
  await pass(300);
  expect(members).toHaveLength(1);
  end();
  await work;
  await until(() => members.length === 2);
});

test('a batch of a client that was given up, and that ends late, does not hide that the next client works on the same partition', async () => {
  const ends: (() => void)[] = [];
  const onBatch: BatchConsumerOptions['onBatch'] = () => new Promise((resolve) => ends.push(() => resolve({ kind: 'done' })));
  const { members } = await startConsumer({ standstillMs: 60_000, watchdogMs: 3_600_000, onBatch });
  members[0]?.join(1);
  await pass(1);
  void members[0]?.fetch(1, 10);
  members[0]?.handlers.onCrash(Object.assign(new Error('gave up'), { name: 'KafkaJSTimeout' }));
  await pass(2_000);
  expect(members).toHaveLength(2);
  members[1]?.join(1);
  // Its positions wait for that batch no longer than so.
  await pass(10_000);
  void members[1]?.fetch(1, 10);
  expect(ends).toHaveLength(2);
  ends[0]?.();
  await pass(240_000);
  expect(members).toHaveLength(2);
});

test('a batch that never ends does not hide for good that other partitions are not read', async () => {
  const { member, members } = await startConsumer({ standstillMs: 20, onBatch: () => new Promise(() => undefined) });
  member.join(1, 2);
  await turn();
  void member.fetch(1, 10);
  await pass(100);
  expect(members).toHaveLength(1);
  await until(() => members.length === 2);
});

test('a client that is in the group and has nothing to read for long, without a word of why, is replaced', async () => {
  const { consumer, member, members } = await startConsumer({ watchdogMs: 400, standstillMs: 40 }, { start: 0n, end: 10n });
  const alive = setInterval(() => member.handlers.onAlive(), 20);
  onTestFinished(() => clearInterval(alive));
  member.join(0);
  await until(() => consumer.ready);
  await pass(500);
  expect(members).toHaveLength(1);
  // It joins again, and nothing comes of it, though its heartbeats are answered.
  member.handlers.onRebalancing();
  await pass(200);
  expect(members).toHaveLength(1);
  await until(() => members.length === 2);
  members[1]?.join(0);
  await until(() => consumer.ready);
});

test('a client whose positions cannot be had, which is said again and again, is kept: another would not get them either', async () => {
  let answers = false;
  const positionOf = () => (answers ? Promise.resolve(10n) : Promise.reject(new Error('Postgres is away')));
  const { consumer, member, members } = await startConsumer({ watchdogMs: 3_000, standstillMs: 40, positionOf }, { start: 0n, end: 10n });
  const alive = setInterval(() => member.handlers.onAlive(), 20);
  onTestFinished(() => clearInterval(alive));
  member.join(0);
  await pass(4_000);
  expect([members.length, consumer.ready]).toEqual([1, false]);
  answers = true;
  await until(() => consumer.ready);
  expect(members).toHaveLength(1);
});

test('a client that Kafka keeps out, which is said again and again, is not taken for one that is silent', async () => {
  const events: string[] = [];
  const logger = createLogger({
    app: 'test',
    level: 'warn',
    destination: { write: (line: string) => void events.push((JSON.parse(line) as { event: string }).event) },
  });
  const consumer = createBatchConsumerOn(
    (_settings, handlers) => Object.assign(new FakeMember(handlers), { start: () => Promise.reject(new Error('connect ECONNREFUSED')) }),
    async () => new Map(),
    {
      ...{ groupId: 'g', topics: [], logger, watchdogMs: 3_000, standstillMs: 40 },
      positionOf: async () => 0n,
      onBatch: async () => ({ kind: 'done' }),
      onFatal: () => {},
    },
  );
  onTestFinished(() => consumer.stop({ timeoutMs: 10 }));
  await consumer.start();
  await pass(4_000);
  expect(new Set(events)).toEqual(new Set(['kafka.consumer.not-started']));
});
