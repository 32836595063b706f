import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { encodedBytes } from './partition-queue.js';
import { FakeProduceClient, makeWriter, PARTITIONS, protocolError, record, values } from './produce-client.fixture.js';

describe('a callback', () => {
  test('hears of each record in order, and never from within', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    const heard: string[] = [];
    const put = (value: string) => {
      writer.put(record(value), { settled: (outcome) => void heard.push(`${value} ${outcome.kind}`) });
      heard.push(`${value} taken`);
    };
    put('a');
    put('b');
    await writer.flush();
    expect(heard).toEqual(['a taken', 'b taken', 'a stored', 'b stored']);
    await writer.close({ timeoutMs: 100 });
    put('c');
    await Promise.resolve();
    expect(heard.slice(4)).toEqual(['c taken', 'c withheld']);
  });

  test('may append: what it appends waits for its own outcome', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    const second = new Promise<string>((resolve) => {
      writer.put(record('a'), { settled: () => writer.put(record('b'), { settled: ({ kind }) => resolve(kind) }) });
    });
    expect(await second).toBe('stored');
    expect(client.requests.map((request) => values(request))).toEqual([['a'], ['b']]);
  });
});

test('of what is appended while a batch is told, nothing is taken behind what found no room', async () => {
  const client = new FakeProduceClient();
  const values = [...'ab'].map((each, index) => each.repeat(1 + 100 * index));
  const writer = makeWriter(client, { maxBufferedBytes: encodedBytes(record('a')) + 1 });
  const outcomes: string[] = [];
  for (const value of values)
    writer.put(record(value), { settled: () => writer.put(record('next'), { settled: ({ kind }) => void outcomes.push(kind) }) });
  await writer.flush();
  await writer.flush();
  expect([client.requests.length, outcomes]).toEqual([1, ['withheld', 'withheld']]);
  expect(writer.bufferedBytes).toBe(0);
  expect(await writer.append(record('later'))).toMatchObject({ kind: 'stored' });
});

test('a key has the partition that it has among those the writer was told of', async () => {
  const partitionsOf = async (partitions?: number) => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { partitions });
    for (let key = 0; key < 100; key += 1) void writer.append({ topic: 't', key: `vehicle-${key}`, value: null });
    await writer.flush();
    return client.requests.flatMap((request) => request.map(({ partition }) => partition));
  };
  expect(Math.max(...(await partitionsOf()))).toBe(PARTITIONS - 1);
  expect(Math.max(...(await partitionsOf(2)))).toBe(1);
});

describe('a stored record', () => {
  test('has the offset that Kafka gave to its place in the batch', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    const outcomes = await Promise.all(['a', 'b', 'c'].map((value) => writer.append(record(value))));
    expect(outcomes.map((o) => o.kind === 'stored' && o.offset)).toEqual([0n, 1n, 2n]);
    expect(client.requests).toHaveLength(1);
  });

  test("has the log's time where the topic has one, else its own", async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    client.once((request) => client.store(request).map((answer) => ({ ...answer, logAppendTimeMs: 777 })));
    expect(await writer.append({ ...record('a'), timestampMs: 5 })).toMatchObject({ timestampMs: 777 });
    expect(await writer.append({ ...record('b'), timestampMs: 5 })).toMatchObject({ timestampMs: 5 });
  });

  test('goes to the partition of its key, on the physical topic', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    const outcome = await writer.append({ topic: 't', key: 'foobar', value: Buffer.from('a') });
    // murmur2('foobar') = -790332482
    expect(outcome).not.toHaveProperty('resent');
    expect(outcome).toMatchObject({ kind: 'stored', partition: (-790332482 & 0x7fffffff) % PARTITIONS });
    expect(client.requests[0]?.[0]?.topic).toBe('p.t');
  });
});

describe('a record that replaces', () => {
  test('takes the place of the waiting one and goes behind what was appended since', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { lingerMs: 20 });
    const old = writer.append(record('lease 1'), { replaces: 'lease' });
    void writer.append(record('event'));
    void writer.append(record('lease 2'), { replaces: 'lease' });
    expect(await old).toMatchObject({ kind: 'withheld', code: 'replaced' });
    await writer.flush();
    expect(client.log.get('p.t/0')).toEqual(['event', 'lease 2']);
  });

  test('leaves one alone that is on its way', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    client.once(async (request) => {
      void writer.append(record('lease 2'), { replaces: 'lease' });
      return client.store(request);
    });
    expect(await writer.append(record('lease 1'), { replaces: 'lease' })).toMatchObject({ kind: 'stored' });
  });
});

describe('the buffer', () => {
  test('counts what is queued and on its way, and takes nothing beyond its limit', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { maxBufferedBytes: 1_000 });
    client.once(async (request) => {
      expect(writer.bufferedRecords).toBe(1);
      expect(writer.bufferedBytes).toBeGreaterThan(2_000);
      return client.store(request);
    });
    const first = writer.append(record('x'.repeat(2_000)));
    expect(await writer.append(record('y'))).toMatchObject({ kind: 'withheld', code: 'buffer_full' });
    await first;
    expect(writer.bufferedBytes).toBe(0);
    expect(await writer.append(record('z'))).toMatchObject({ kind: 'stored' });
  });
});

describe('close', () => {
  test('flushes what is queued', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { lingerMs: 10_000 });
    const outcome = writer.append(record('a'));
    await writer.close({ timeoutMs: 1_000 });
    expect(await outcome).toMatchObject({ kind: 'stored' });
    expect(await writer.append(record('b'))).toMatchObject({ kind: 'withheld', code: 'closed' });
  });

  test('withholds what Kafka has not answered in time', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    client.standing = () => new Promise(() => {});
    const outcomes = [writer.append(record('a')), writer.append(record('b'))];
    await writer.close({ timeoutMs: 20 });
    expect(await Promise.all(outcomes)).toMatchObject([{ code: 'closed' }, { code: 'closed' }]);
    expect(writer.bufferedRecords).toBe(0);
  });

  test('ends in its time, also when the client does not', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    client.standing = () => new Promise(() => {});
    client.close = () => new Promise(() => {});
    const outcome = writer.append(record('a'));
    // A second time-out, for the client alone, would be one too many.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const closed = vi.fn();
    void writer.close({ timeoutMs: 50 }).then(closed);
    await vi.advanceTimersByTimeAsync(60);
    expect(closed).toHaveBeenCalledOnce();
    expect(await outcome).toMatchObject({ code: 'closed' });
  });
});

describe('records that are put together', () => {
  const together = (...texts: string[]) => ({ topic: 't', key: 'k', values: texts.map((text) => Buffer.from(text)), partition: 0 });
  /** Puts them, and says in short what is told of them. */
  const heardOf = (writer: ReturnType<typeof makeWriter>, ...texts: string[]): string[] => {
    const heard: string[] = [];
    writer.putAll(together(...texts), {
      settled: (outcome, first, count) => {
        const place = outcome.kind === 'stored' ? outcome.offset : outcome.code;
        heard.push(`${texts.slice(first, first + count).join(' ')} ${outcome.kind} ${place}`);
      },
    });
    return heard;
  };

  test('are told of at once, by the place of the first, as far as they stand in one row', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    const heard = [heardOf(writer, 'a', 'b'), heardOf(writer, 'c'), heardOf(writer, 'd', 'e', 'f')];
    await writer.flush();
    expect(heard).toEqual([['a b stored 0'], ['c stored 2'], ['d e f stored 3']]);
    expect(client.requests.map(values)).toEqual([['a', 'b', 'c', 'd', 'e', 'f']]);
  });

  test('each have the outcome of their batch, and of their own where Kafka refuses one of them', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client, { maxBatchRecords: 4 });
    client.standing = (request) => {
      if (values(request).includes('bad')) throw protocolError('MESSAGE_TOO_LARGE', false);
      return client.store(request);
    };
    const heard = heardOf(writer, 'a', 'b', 'c', 'bad', 'd', 'e');
    await writer.flush();
    expect(heard).toEqual(['a b stored 0', 'c stored 2', 'bad refused message_too_large', 'd e stored 3']);
    expect(client.log.get('p.t/0')).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('are counted by their bytes as each by itself would be', () => {
    const writer = makeWriter(new FakeProduceClient());
    heardOf(writer, 'a', 'bcd');
    const { bufferedBytes, bufferedRecords } = writer;
    const single = makeWriter(new FakeProduceClient());
    void single.append(record('a'));
    void single.append(record('bcd'));
    expect([bufferedBytes, bufferedRecords]).toEqual([single.bufferedBytes, 2]);
  });

  test('are all withheld where there is no room, and when the writer has closed; never from within', async () => {
    const writer = makeWriter(new FakeProduceClient(), { maxBufferedBytes: 1 });
    const taken = heardOf(writer, 'a', 'b');
    const late = heardOf(writer, 'c', 'd');
    expect([taken, late]).toEqual([[], []]);
    await Promise.resolve();
    expect(late).toEqual(['c d withheld buffer_full']);
    await writer.flush();
    expect(taken).toEqual(['a b stored 0']);
    await writer.close({ timeoutMs: 100 });
    const closed = heardOf(writer, 'e', 'f');
    await Promise.resolve();
    expect(closed).toEqual(['e f withheld closed']);
  });
});

test('batches of more than ten partitions wait for Kafka, and Node sees no leak in it', async () => {
  const warnings: string[] = [];
  const heard = ({ name }: Error) => void warnings.push(name);
  process.on('warning', heard);
  try {
    const client = new FakeProduceClient();
    client.standing = () => Promise.reject(protocolError('NOT_LEADER_FOR_PARTITION', true));
    const writer = makeWriter(client);
    // One after the other: each has a request of its own.
    for (let partition = 0; partition < 12; partition++) {
      void writer.append(record('x', partition));
      while (!client.requests.some((request) => request.some((part) => part.partition === partition))) await delay(1);
    }
    await delay(50);
    await writer.close({ timeoutMs: 10 });
  } finally {
    process.off('warning', heard);
  }
  expect(warnings).toEqual([]);
});
