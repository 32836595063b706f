import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { readRecord } from '../read-record.js';
import { askedAtMs } from './asked-at.js';
import type { FetchOptions } from './fetch-request.js';
import { readFetchResponse } from './fetch-response.js';
import { FetchedMessage } from './fetched-message.js';
import { installLeanFetch, leanProtocol, type Protocol } from './lean-fetch.js';

// The inside of kafkajs: its encoder makes what is read here, and its decoder says what it means.
const inside = <T>(path: string) => createRequire(import.meta.url)(`kafkajs/src/protocol/${path}`) as T;
interface Encoder {
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeInt64(value: number | bigint): Encoder;
  writeString(value: string): Encoder;
  writeBufferInternal(value: Buffer): void;
  buffer: Buffer;
}
const Encoder = inside<new () => Encoder>('encoder.js');
const encodeRecord = inside<(record: object) => Encoder>('recordBatch/record/v0/index.js');
const { RecordBatch: encodeBatch } = inside<{ RecordBatch(batch: object): Promise<Encoder> }>('recordBatch/v0/index.js');
const { decode } = inside<{ decode(bytes: Buffer): Promise<Answer> }>('requests/fetch/v11/response.js');

// Before anything here takes its place.
const { protocol: protocolOfKafkaJs } = { ...inside<{ protocol: Protocol }>('requests/fetch/index.js') };

type Message = Parameters<typeof readRecord>[2];
interface Answer {
  responses: { topicName: string; partitions: { partition: number; messages: Message[] }[] }[];
}
interface Batch {
  firstOffset: number;
  firstTimestamp: number;
  maxTimestamp: number;
  compression?: number;
  transactional?: boolean;
  records: object[];
}

async function recordSet(batches: readonly Batch[]): Promise<Buffer> {
  const encoded = batches.map(async ({ records, ...batch }) => {
    const parts = records.map((record) => encodeRecord(record));
    return (await encodeBatch({ ...batch, lastOffsetDelta: parts.length - 1, producerId: -1, records: parts })).buffer;
  });
  return Buffer.concat((await Promise.all(encoded)).map((buffer) => Buffer.from(buffer)));
}

function answer(sets: readonly Buffer[]): Buffer {
  const encoder = new Encoder().writeInt32(7).writeInt16(0).writeInt32(9).writeInt32(1).writeString('é.topic').writeInt32(sets.length);
  for (const [partition, set] of sets.entries()) {
    encoder.writeInt32(partition).writeInt16(partition === 3 ? 1 : 0);
    encoder.writeInt64(99).writeInt64(-1).writeInt64(5).writeInt32(-1).writeInt32(-1).writeInt32(set.length);
    encoder.writeBufferInternal(set);
  }
  return Buffer.from(encoder.buffer);
}

/** kafkajs stumbles over a set that ends before it says its format. */
const leastOfSet = 17;

const recordsOf = ({ responses }: Answer) =>
  responses.flatMap(({ topicName, partitions }) =>
    partitions.map(({ messages, ...partition }) => ({
      ...partition,
      records: messages.map((message) => readRecord(topicName, 0, message)),
    })),
  );
const shownOf = ({ responses }: Answer) =>
  responses.flatMap(({ partitions }) =>
    partitions.flatMap(({ messages }) =>
      messages.map(({ offset, timestamp, key, value, headers }) => ({ offset, timestamp, key, value, headers })),
    ),
  );

const bytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ organisation: 'default' }) },
  fc.dictionary(
    fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__'),
    fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 9 }).map((array) => Buffer.from(array)),
    ),
    { maxKeys: 3 },
  ),
);
const record = fc.record({ timestampDelta: fc.integer({ min: -5, max: 100_000_000_000 }), key: bytes, value: bytes, headers });
const batch = fc.record({
  firstOffset: fc.oneof(fc.nat(), fc.integer({ min: 2 ** 40, max: 2 ** 52 })),
  firstTimestamp: fc.constant(1_790_000_000_000),
  maxTimestamp: fc.constant(1_790_000_000_999),
  records: fc
    .array(record, { minLength: 1, maxLength: 6 })
    .map((records) => records.map((one, index) => ({ ...one, offsetDelta: index * 3 }))),
});

describe('readFetchResponse', () => {
  it('makes of an answer what kafkajs makes of it, to the last byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(batch, { maxLength: 3 }), { maxLength: 4 }), fc.nat({ max: 80 }), async (sets, cut) => {
        const encoded = await Promise.all(sets.map(recordSet));
        // Kafka fills an answer up to its limit: the last batch of a partition may be cut off.
        const all = answer(encoded.map((set) => set.subarray(0, Math.max(leastOfSet, set.length - (cut % 2 === 0 ? 0 : cut)))));
        const own = readFetchResponse(all) as Answer | undefined;
        const theirs = await decode(all);
        if (own === undefined) throw new Error('Nothing of this is left to kafkajs');
        expect(shownOf(own)).toEqual(shownOf(theirs));
        expect(recordsOf(own)).toEqual(recordsOf(theirs));
        expect({ ...own, responses: [] }).toEqual({ ...theirs, responses: [] });
      }),
      { numRuns: 120 },
    );
  });

  const usual: Batch = {
    firstOffset: 5,
    firstTimestamp: 1_790_000_000_000,
    maxTimestamp: 1_790_000_000_999,
    records: [{ key: 'k', value: Buffer.from('v') }],
  };
  /** Sets bits of the attributes of the first batch. */
  const flagged = async (bits: number) => {
    const set = await recordSet([usual]);
    set.writeInt16BE(set.readInt16BE(21) | bits, 21);
    return answer([set]);
  };

  it('takes the time of the log where the topic has it', async () => {
    const all = await flagged(0x08);
    expect(recordsOf(readFetchResponse(all) as Answer)).toEqual(recordsOf(await decode(all)));
  });

  it.each([
    ['compressed batches', async () => answer([await recordSet([usual, { ...usual, compression: 1 }])])],
    ['transactions', async () => answer([await recordSet([{ ...usual, transactional: true }])])],
    ['control records', () => flagged(0x20)],
    [
      'a batch of another format',
      async () => {
        const set = await recordSet([usual]);
        set.writeInt8(1, 16);
        return answer([set]);
      },
    ],
    [
      'a record that is longer than its batch',
      async () => {
        const set = await recordSet([usual]);
        set.writeInt8(126, 61);
        return answer([set]);
      },
    ],
    [
      'more records than there are',
      async () => {
        const set = await recordSet([usual]);
        set.writeInt32BE(2, 57);
        return answer([set]);
      },
    ],
    ['a set that ends before its format', async () => answer([(await recordSet([usual])).subarray(0, 16)])],
    ['a set that is longer than the answer', async () => answer([await recordSet([usual])]).subarray(0, -1)],
    [
      'an offset that no double holds',
      async () => {
        const set = await recordSet([usual]);
        set.writeBigInt64BE(2n ** 53n, 0);
        return answer([set]);
      },
    ],
  ])('leaves %s to kafkajs', async (_, make) => {
    expect(readFetchResponse(await make())).toBeUndefined();
  });

  it.each([[0x80], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]])(
    'leaves a length without end to kafkajs %#',
    async (...length) => {
      const set = await recordSet([{ ...usual, records: [{ key: 'k', value: Buffer.alloc(20) }] }]);
      set.set(length, 61);
      expect(readFetchResponse(answer([set]))).toBeUndefined();
    },
  );
});

test('kafkajs reads its answers so: what is plain here, the rest by itself', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  expect(installLeanFetch()).toBe(true);
  expect(installLeanFetch()).toBe(true);
  const { requests } = inside<{
    requests: {
      Fetch: { protocol(options: { version: number }): (data: object) => { response: { decode(bytes: Buffer): Promise<Answer> } } };
    };
  }>('requests/index.js');
  const { response } = requests.Fetch.protocol({ version: 11 })({ topics: [], maxWaitTime: 1 });
  const atMs = performance.now();
  // The process stands still, and the answer waits in its socket.
  vi.advanceTimersByTime(90_000);
  const one = { firstOffset: 5, firstTimestamp: 1, maxTimestamp: 1, records: [{ key: 'k', value: Buffer.from('v') }] };
  const plain = await response.decode(answer([await recordSet([one])]));
  expect(plain.responses[0]?.partitions[0]?.messages[0]).toBeInstanceOf(FetchedMessage);
  const packed = await response.decode(answer([await recordSet([{ ...one, compression: 1 }])]));
  expect(packed.responses[0]?.partitions[0]?.messages[0]).not.toBeInstanceOf(FetchedMessage);
  expect(recordsOf(packed)).toEqual(recordsOf(plain));
  for (const { responses } of [plain, packed]) expect(askedAtMs(responses[0]?.partitions[0]?.messages ?? [])).toBe(atMs);
});

test('kafkajs is asked once for what is the same in all requests, and each has its own partitions and time-out', async () => {
  let made = 0;
  const counted = (options: { version: number | string }) => (data: FetchOptions) => {
    made += 1;
    return protocolOfKafkaJs(options)(data);
  };
  const ours = leanProtocol(counted);
  const options = (maxWaitTime: number, fetchOffset: string) => ({
    maxWaitTime,
    minBytes: 1,
    maxBytes: 1,
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset, maxBytes: 100 }] }],
  });
  const all = [options(1, '5'), options(1, '6'), options(60_000, '7')];
  const requests = all.map((data) => ours({ version: 11 })(data));
  expect(made).toBe(2);
  for (const [index, data] of all.entries()) {
    const theirs = protocolOfKafkaJs({ version: 11 })(data);
    expect(requests[index]).toMatchObject({ requestTimeout: theirs.requestTimeout, request: { apiName: 'Fetch', fetchOptions: data } });
    expect((await requests[index]?.request.encode())?.buffer).toEqual((await theirs.request.encode()).buffer);
  }
});

describe('the requests of a client to a node', () => {
  const topics = [{ topic: 'é', partitions: [{ partition: 0, fetchOffset: '5', maxBytes: 100 }] }];
  const { requests } = inside<{ requests: { Fetch: { protocol(options: { version: number }): (data: object) => object } } }>(
    'requests/index.js',
  );
  const request = () => {
    installLeanFetch();
    return requests.Fetch.protocol({ version: 11 })({ maxWaitTime: 1, minBytes: 1, maxBytes: 1, topics });
  };

  /** Connections of kafkajs of which what is sent is kept: session and epoch of each request, and how many topics it names. */
  function connections(answerOf: (request: number) => Promise<object>) {
    const Pool = createRequire(import.meta.url)('kafkajs/src/network/connectionPool.js') as {
      prototype: { send(asked: object): Promise<unknown> };
    };
    const sent: number[][] = [];
    const getConnectionByRequest = async () => ({
      send: async ({ request: { encode } }: { request: { encode(): Promise<Encoder> } }) => {
        const { buffer } = await encode();
        const answer = answerOf(sent.length);
        sent.push([buffer.readInt32BE(17), buffer.readInt32BE(21), buffer.readInt32BE(25)]);
        return answer;
      },
    });
    return { sent, pool: Object.assign(Object.create(Pool.prototype) as typeof Pool.prototype, { getConnectionByRequest, pool: [] }) };
  }

  it('make one session, and another after an error', async () => {
    const { sent, pool } = connections(async (index) => {
      if (index === 2) throw new Error('cut off');
      return { errorCode: index === 4 ? 70 : 0, sessionId: index < 3 ? 9 : 10 };
    });
    for (let index = 0; index < 6; index += 1) await pool.send(request()).catch(() => undefined);
    expect(sent).toEqual([
      [0, 0, 1],
      [9, 1, 0],
      [9, 2, 0],
      [9, 0, 1],
      [10, 1, 0],
      [10, 0, 1],
    ]);
  });

  it('have no session while another one has no answer yet, or where they go to another node', async () => {
    let answerFirst = (_: object) => {};
    const first = new Promise<object>((resolve) => {
      answerFirst = resolve;
    });
    const { sent, pool } = connections((index) => (index === 0 ? first : Promise.resolve({ errorCode: 0, sessionId: 0 })));
    const slow = pool.send(request());
    await pool.send(request());
    answerFirst({ errorCode: 0, sessionId: 9 });
    await slow;
    await pool.send(request());
    expect(sent).toEqual([
      [0, 0, 1],
      [0, -1, 1],
      [9, 1, 0],
    ]);
    const other = connections(async () => ({ errorCode: 0, sessionId: 3 }));
    await other.pool.send(request());
    expect(other.sent).toEqual([[0, 0, 1]]);
  });
});
