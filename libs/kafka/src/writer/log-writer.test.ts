import { createLogger } from '@milepost/runtime';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogWriterOn, type LogWriterOptions } from './log-writer.js';
import type { PartitionAnswer, ProduceClient } from './produce-client.js';
import type { PartitionMessages } from './produce-message.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const PARTITIONS = 4;

function makeWriter(client: FakeProduceClient, options: Partial<LogWriterOptions> = {}) {
  const config = { KAFKA_BROKERS: [], KAFKA_SSL: false, KAFKA_PARTITIONS: PARTITIONS };
  return createLogWriterOn(client, { config, physicalTopic: (topic) => `p.${topic}` }, { logger, lingerMs: 1, ...options });
}

const record = (value: string, partition = 0) => ({ topic: 't', key: 'k', value: Buffer.from(value), partition });
const values = (request: readonly PartitionMessages[] | undefined) =>
  (request ?? []).flatMap(({ messages }) => messages.map(({ value }) => value?.toString()));

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

describe('while Kafka is away', () => {
  test('a record waits, and the identical batch is sent again until it is stored', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    const away = () => Promise.reject(new Error('connect ECONNREFUSED'));
    client.once(away);
    client.once(away);
    const outcomes = Promise.all([writer.append(record('a')), writer.append(record('b'))]);
    expect(await outcomes).toMatchObject([
      { kind: 'stored', resent: true },
      { kind: 'stored', resent: true },
    ]);
    expect(client.requests.map(values)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(client.requests[2]?.[0]?.messages).toEqual(client.requests[0]?.[0]?.messages);
  });

  test('what is appended later does not overtake', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    const first = writer.append(record('a'));
    client.once(async () => {
      void writer.append(record('b'));
      throw protocolError('NOT_LEADER_FOR_PARTITION', true);
    });
    await first;
    await writer.flush();
    expect(client.log.get('p.t/0')).toEqual(['a', 'b']);
  });

  test('an error that is about the installation, not the record, is waited out', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    client.once(() => Promise.reject(protocolError('TOPIC_AUTHORIZATION_FAILED', false)));
    expect(await writer.append(record('a'))).toMatchObject({ kind: 'stored' });
  });

  test('so is a failure inside of the client, which says nothing of a record either', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    for (let n = 0; n < 3; n += 1)
      client.once(() => Promise.reject(new TypeError("Cannot read properties of undefined (reading 'leader')")));
    expect(await writer.append(record('a'))).toMatchObject({ kind: 'stored' });
  });

  test('a failed request is taken apart, so that one bad leader does not repeat the others', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    let failures = 0;
    client.standing = (request) => {
      if (request.some(({ partition }) => partition === 1) && failures++ < 3) throw protocolError('NOT_ENOUGH_REPLICAS', true);
      return client.store(request);
    };
    await Promise.all([writer.append(record('a', 0)), writer.append(record('b', 1))]);
    expect(client.log.get('p.t/0')).toEqual(['a']);
    expect(client.log.get('p.t/1')).toEqual(['b']);
  });

  test('the time of the last answer stands still', async () => {
    const client = new FakeProduceClient();
    const writer = makeWriter(client);
    await writer.append(record('a'));
    const before = writer.lastAnswerAtMs;
    client.once(() => Promise.reject(new Error('Request timed out')));
    let during = 0;
    client.once((request) => {
      during = writer.lastAnswerAtMs;
      return client.store(request);
    });
    await writer.append(record('b'));
    expect(during).toBe(before);
    expect(writer.lastAnswerAtMs).toBeGreaterThan(before);
  });
});

test('a partition that the answer does not name is sent again, the others are not', async () => {
  const client = new FakeProduceClient();
  const writer = makeWriter(client);
  client.once((request) => client.store(request.filter(({ partition }) => partition !== 1)));
  await Promise.all([writer.append(record('a', 0)), writer.append(record('b', 1))]);
  expect(client.requests.map((request) => request.map(({ partition }) => partition))).toEqual([[0, 1], [1]]);
  expect(client.log.get('p.t/0')).toEqual(['a']);
  expect(client.log.get('p.t/1')).toEqual(['b']);
});

test('the record that Kafka refuses is found; its neighbours are stored once and in order', async () => {
  const client = new FakeProduceClient();
  const writer = makeWriter(client);
  client.standing = (request) => {
    if (values(request).some((value) => value === 'bad')) throw protocolError('MESSAGE_TOO_LARGE', false);
    return client.store(request);
  };
  const names = ['a', 'b', 'bad', 'c', 'd', 'e', 'f'];
  const outcomes = await Promise.all([...names.map((name) => writer.append(record(name))), writer.append(record('other', 3))]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'stored', 'refused', 'stored', 'stored', 'stored', 'stored', 'stored']);
  expect(outcomes[2]).toMatchObject({ code: 'message_too_large' });
  expect(client.log.get('p.t/0')).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(client.log.get('p.t/3')).toEqual(['other']);
});

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
    const startedAt = performance.now();
    await writer.close({ timeoutMs: 50 });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await outcome).toMatchObject({ code: 'closed' });
  });
});

type Reaction = (request: readonly PartitionMessages[]) => PartitionAnswer[] | Promise<PartitionAnswer[]>;

/** A Kafka for unit tests: keeps the values of what it stored, and fails when it is told to. */
class FakeProduceClient implements ProduceClient {
  readonly requests: (readonly PartitionMessages[])[] = [];
  readonly log = new Map<string, string[]>();
  #reactions: Reaction[] = [];
  standing: Reaction | undefined;

  /** The next request meets this instead; reactions queue up. */
  once(reaction: Reaction): void {
    this.#reactions.push(reaction);
  }

  async produce(request: readonly PartitionMessages[]): Promise<PartitionAnswer[]> {
    this.requests.push(request);
    const reaction = this.#reactions.shift() ?? this.standing ?? this.store;
    return reaction(request);
  }

  readonly store = (request: readonly PartitionMessages[]): PartitionAnswer[] =>
    request.map(({ topic, partition, messages }) => {
      const name = `${topic}/${partition}`;
      const stored = this.log.get(name) ?? [];
      this.log.set(name, stored);
      const baseOffset = BigInt(stored.length);
      stored.push(...messages.map(({ value }) => value?.toString() ?? ''));
      return { topic, partition, baseOffset };
    });

  renew(): void {}

  async close(): Promise<void> {}
}

/** As kafkajs throws it. */
function protocolError(type: string, retriable: boolean): Error {
  return Object.assign(new Error(`Kafka says ${type}`), { name: 'KafkaJSProtocolError', type, retriable });
}
