import { afterEach, describe, expect, test, vi } from 'vitest';
import { FakeProduceClient, makeWriter, record, values } from './produce-client.fixture.js';

describe('a batch', () => {
  test('holds no more records than allowed', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { maxBatchRecords: 3 });
    await Promise.all(Array.from({ length: 8 }, (_, i) => writer.append(record(String(i)))));
    expect(client.requests.map((request) => values(request).length)).toEqual([3, 3, 2]);
  });

  test('holds no more bytes than allowed, and a larger record goes alone', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { maxPartitionBytes: 1_000 });
    await Promise.all([400, 400, 400, 5_000, 10].map((size) => writer.append(record('x'.repeat(size)))));
    expect(client.requests.map((request) => values(request).map((value) => value?.length))).toEqual([[400, 400], [400], [5_000], [10]]);
  });

  test('is on its way alone: the next of its partition waits, other partitions do not', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    client.once(async (request) => {
      await held;
      return client.store(request);
    });
    const first = writer.append(record('a', 0));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const second = writer.append(record('b', 0));
    await writer.append(record('c', 1));
    expect(client.requests.map(values)).toEqual([['a'], ['c']]);
    release();
    await Promise.all([first, second]);
    expect(client.log.get('p.t/0')).toEqual(['a', 'b']);
  });
});

describe('the linger', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('of what waits behind its partition counts from when it came, and not from the answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { lingerMs: 100 });
    const put = (value: string) => writer.put(record(value), { settled: () => undefined });
    // Enough of them for a linger to be worth while.
    put('first');
    await vi.advanceTimersByTimeAsync(30);
    for (let n = 0; n < 50; n += 1) put('many');
    await vi.advanceTimersByTimeAsync(200);
    client.standing = (request) => new Promise((resolve) => setTimeout(() => resolve(client.store(request)), 60));
    // On their way after 100 ms, answered after 160.
    for (let n = 0; n < 500; n += 1) put('many');
    await vi.advanceTimersByTimeAsync(110);
    put('after 110 ms');
    const before = client.requests.length;
    await vi.advanceTimersByTimeAsync(95);
    expect(client.requests).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(10);
    expect(values(client.requests.at(-1))).toEqual(['after 110 ms']);
    expect(client.requests).toHaveLength(before + 1);
  });
});
