import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { offsets, startConsumer, topic, turn } from './batch-consumer.fixture.js';

describe('a fetch', () => {
  test('is handed over from the position on, and moves it', async () => {
    const { member, batches } = await startConsumer();
    member.join(0);
    await turn();
    await member.fetch(0, 8, 9, 10, 11);
    expect(offsets(batches[0])).toEqual([10, 11]);
    expect(batches[0]).toMatchObject({ firstOffset: 10n, nextOffset: 12n, generation: 1 });
    expect(member.resolved).toEqual([11n]);
  });

  test('that is larger than a batch comes in pieces, with a heartbeat between them', async () => {
    const { member, batches } = await startConsumer({ maxBatchRecords: 2 });
    member.join(0);
    await turn();
    await member.fetch(0, 10, 11, 12, 13, 14);
    expect(batches.map(offsets)).toEqual([[10, 11], [12, 13], [14]]);
    expect(member.heartbeats).toBe(2);
  });

  test('that begins behind the position is not believed before the store was asked again', async () => {
    let asked = 0;
    const { member, batches } = await startConsumer({
      positionOf: async () => {
        asked += 1;
        return 10n;
      },
    });
    member.join(0);
    await turn();
    await member.fetch(0, 50);
    expect(batches).toHaveLength(0);
    expect(asked).toBe(2);
    await member.fetch(0, 50);
    expect(offsets(batches[0])).toEqual([50]);
  });

  test('that ends before the position is not passed over: where the log has lost its end, that is fatal', async () => {
    let end = 100n;
    const { member, batches, fatal } = await startConsumer({}, () => ({ start: 0n, end }));
    member.join(0);
    await turn();
    end = 3n;
    await member.fetch(0, 0, 1, 2);
    expect(fatal).toMatchObject([{ code: 'position_beyond_log_end' }]);
    expect([batches, member.resolved]).toEqual([[], []]);
  });

  test('that ends before the position, of a node that leads no more, is read again from the position', async () => {
    const { member, batches, fatal } = await startConsumer();
    member.join(0);
    await turn();
    member.seeks.clear();
    await member.fetch(0, 0, 1, 2);
    expect([...member.seeks]).toEqual([[0, 10n]]);
    await member.fetch(0, 10);
    expect(batches.map(offsets)).toEqual([[10]]);
    expect(fatal).toEqual([]);
  });

  test('that must be repositioned survives a store that cannot be asked, with heartbeats', async () => {
    let asked = 0;
    const { member, fatal } = await startConsumer({
      positionOf: async () => {
        asked += 1;
        if (asked === 2) throw new Error('connection refused');
        return asked === 1 ? 10n : 12n;
      },
      onBatch: async () => ({ kind: 'reposition' }),
    });
    member.join(0);
    await turn();
    await member.fetch(0, 10, 11);
    expect(member.seeks.get(0)).toBe(12n);
    expect(member.heartbeats).toBe(1);
    expect(member.resolved).toEqual([]);
    expect(fatal).toEqual([]);
  });

  test('whose processing fails is fatal; a rebalance found by its heartbeat is given to kafkajs', async () => {
    const failing = await startConsumer({ onBatch: () => Promise.reject(new Error('a bug')) });
    failing.member.join(0);
    await turn();
    await failing.member.fetch(0, 10);
    expect(failing.fatal).toMatchObject([{ message: 'a bug' }]);

    const rebalance = Object.assign(new Error('rebalance'), { name: 'KafkaJSProtocolError', type: 'REBALANCE_IN_PROGRESS' });
    const rebalancing = await startConsumer({ onBatch: () => Promise.reject(rebalance) });
    rebalancing.member.join(0);
    await turn();
    await expect(rebalancing.member.fetch(0, 10)).rejects.toBe(rebalance);
    expect(rebalancing.fatal).toEqual([]);
  });
});

test('what is handed over in pieces, or waited for the batch before it, was fetched when Kafka was asked for it', async () => {
  const { member, batches } = await startConsumer({ maxBatchRecords: 2 });
  member.join(0);
  await turn();
  member.askedAtMs = 5;
  const first = member.fetch(0, 10, 11, 12);
  member.askedAtMs = 6;
  await Promise.all([first, member.fetch(0, 13)]);
  expect(batches.map((batch) => [offsets(batch), batch.askedAtMs])).toEqual([
    [[10, 11], 5],
    [[12], 5],
    [[13], 6],
  ]);
});

test('the fetch after one that brought something waits for its pace, and what was done is known before', async () => {
  // Only what waits: a machine that is busy for the least time would leave nothing to wait for.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const { member, batches } = await startConsumer({ fetchPace: { leastMs: 50, mostMs: 50 } });
  onTestFinished(() => void vi.useRealTimers());
  member.highWatermark = 11n;
  member.join(0, 1);
  await turn();
  let mayFetch = false;
  const both = Promise.all([member.fetch(0, 10), member.fetch(1, 10)]).then(() => {
    mayFetch = true;
  });
  await turn();
  expect(batches.map(offsets)).toEqual([[10], [10]]);
  expect(member.resolved).toEqual([10n, 10n]);
  await vi.advanceTimersByTimeAsync(49);
  expect(mayFetch).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await both;
});

test('a fetch that left something in the log is followed by the next at once, and a stop does not wait for the pace', async () => {
  const { consumer, member } = await startConsumer({ fetchPace: { leastMs: 600_000, mostMs: 600_000 } });
  member.join(0);
  await turn();
  await member.fetch(0, 10);
  member.highWatermark = 12n;
  const resting = member.fetch(0, 11);
  await turn();
  await consumer.stop();
  await resting;
});

test('a batch of each of many partitions may rest at a time, and Node sees no leak in it', async () => {
  const warnings: Error[] = [];
  const heard = (warning: Error) => void warnings.push(warning);
  process.on('warning', heard);
  onTestFinished(() => void process.off('warning', heard));
  const partitions = Array.from({ length: 12 }, (_, partition) => partition);
  const { consumer, member, batches } = await startConsumer({ fetchPace: { leastMs: 600_000, mostMs: 600_000 } }, undefined, partitions);
  member.highWatermark = 11n;
  member.join(...partitions);
  await turn();
  const resting = partitions.map((partition) => member.fetch(partition, 10));
  await turn();
  expect(batches).toHaveLength(partitions.length);
  await consumer.stop();
  await Promise.all(resting);
  expect(warnings).toEqual([]);
});

test('Kafka is told each five seconds how far it came, and only of partitions that moved on', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { member } = await startConsumer();
  member.join(0, 1);
  await turn();
  await member.fetch(0, 10, 11);
  await member.fetch(0, 12);
  vi.advanceTimersByTime(4_999);
  expect(member.committed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(member.committed).toEqual([{ topic, partition: 0, offset: 13n }]);
  vi.advanceTimersByTime(5_000);
  expect(member.committed).toHaveLength(1);
});

test('stop tells Kafka how far it came, and makes running batches stale', async () => {
  const { consumer, member, batches } = await startConsumer();
  member.join(0);
  await turn();
  await member.fetch(0, 10, 11);
  await consumer.stop();
  expect(member.committed).toEqual([{ topic, partition: 0, offset: 12n }]);
  expect(batches[0]?.isStale()).toBe(true);
  expect(member.closed).toBe(true);
});

test('while a stop waits for a batch, what nobody takes any more is not fetched again and again', async () => {
  let end = () => {};
  const inHand = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { consumer, member } = await startConsumer({ onBatch: () => inHand.then(() => ({ kind: 'done' })) });
  member.join(0, 1);
  await turn();
  const work = member.fetch(0, 10);
  await turn();
  expect([...member.held]).toEqual([]);
  const stopped = consumer.stop();
  expect([...member.held]).toEqual([0, 1]);
  end();
  await Promise.all([work, stopped]);
});

test('a client that gave up just now does not keep a consumer from stopping', async () => {
  const { consumer, member } = await startConsumer();
  member.join(0);
  await turn();
  member.holdAll = () => {
    throw new Error('Consumer group was not initialized');
  };
  await consumer.stop();
  expect(member.closed).toBe(true);
});

test('one that is started after it was stopped opens no client, and leaves no timer behind', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { consumer, members } = await startConsumer();
  await consumer.stop();
  await consumer.start();
  expect([members.length, vi.getTimerCount()]).toEqual([1, 0]);
});
