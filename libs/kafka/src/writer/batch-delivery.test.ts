import { createLogger } from '@milepost/runtime';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createBatchDelivery } from './batch-delivery.js';
import { FakeProduceClient, makeWriter, protocolError, record, values } from './produce-client.fixture.js';
import { QueuedRecord } from './queued-record.js';
import { createWriterMetrics } from './writer-metrics.js';

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

  // The last one: our clock is ahead of Kafka's.
  test.each([['TOPIC_AUTHORIZATION_FAILED'], ['INVALID_TIMESTAMP']])(
    'an error that is about the installation, not the record, is waited out (%s)',
    async (type) => {
      const client = new FakeProduceClient();
      const writer = makeWriter(client);
      // The first says nothing yet of who is to blame.
      for (let n = 0; n < 2; n += 1) client.once(() => Promise.reject(protocolError(type, false)));
      expect(await writer.append(record('a'))).toMatchObject({ kind: 'stored' });
    },
  );

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

  test('a client that stores nothing for long is made anew, although the clock was set back meanwhile', async () => {
    const client = new FakeProduceClient();
    const settled = vi.fn();
    const message = { key: null, value: null, headers: undefined, timestampMs: 0, bytes: 1 };
    const entries = [new QueuedRecord(message, undefined, { settled }, () => undefined)];
    const startedAtMs = performance.now();
    let isRenewed = false;
    client.renew = () => {
      isRenewed = true;
    };
    client.standing = (request) => {
      if (!isRenewed && performance.now() - startedAtMs < 3_000) throw new Error('not connected');
      return client.store(request);
    };
    const { now } = Date;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 10 * (performance.now() - startedAtMs));
    onTestFinished(() => clock.mockRestore());
    const delivery = createBatchDelivery({
      client,
      logger: createLogger({ app: 'test', level: 'silent' }),
      metrics: createWriterMetrics(undefined, () => ({ bytes: 0, records: 0, maxBytes: 0 })),
      signal: new AbortController().signal,
      onAnswer: () => undefined,
      backoff: { baseMs: 1, maxMs: 1 },
      renewAfterMs: 50,
    });
    await delivery.deliver([{ topic: 'p.t', partition: 0, entries }], () => undefined);
    expect(settled).toHaveBeenCalledOnce();
    expect(isRenewed).toBe(true);
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
    // Of the clock that nobody sets.
    expect(writer.lastAnswerAtMs).toBeLessThanOrEqual(performance.now());
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

test('a node that is silent holds up its own partitions alone: what others have stored is settled, and theirs go on', async () => {
  const client = new FakeProduceClient();
  const writer = makeWriter(client);
  let fail = (_error: Error) => {};
  client.once((request, onAnswers) => {
    onAnswers(client.store(request.filter(({ partition }) => partition === 0)));
    return new Promise((_resolve, reject) => {
      fail = reject;
    });
  });
  const silent = writer.append(record('b', 1));
  expect(await writer.append(record('a', 0))).toEqual({ kind: 'stored', partition: 0, offset: 0n, timestampMs: expect.any(Number) });
  expect(await writer.append(record('c', 0))).toMatchObject({ kind: 'stored', offset: 1n });
  fail(new Error('Request timed out'));
  expect(await silent).toMatchObject({ kind: 'stored', resent: true });
  expect(client.log.get('p.t/0')).toEqual(['a', 'c']);
  expect(client.log.get('p.t/1')).toEqual(['b']);
});

test('an answer that comes when its batch is being sent again lets no second batch of the partition go beside it', async () => {
  const client = new FakeProduceClient();
  const writer = makeWriter(client);
  let answerLate = () => {};
  let storeAgain = () => {};
  client.once((request, onAnswers) => {
    answerLate = () => onAnswers(client.store(request));
    throw new Error('another node of the request is gone');
  });
  client.once(
    (request) =>
      new Promise((resolve) => {
        storeAgain = () => resolve(client.store(request));
      }),
  );
  const first = writer.append(record('a'));
  await expect.poll(() => client.requests).toHaveLength(2);
  answerLate();
  const second = writer.append(record('b'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(client.requests).toHaveLength(2);
  storeAgain();
  expect(await first).toMatchObject({ kind: 'stored', resent: true });
  await second;
  expect(client.log.get('p.t/0')).toEqual(['a', 'a', 'b']);
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

test('what was in one request with a record that Kafka refuses is sent again, and says so: it may be stored already, or be on its way to another node', async () => {
  const client = new FakeProduceClient();
  const writer = makeWriter(client);
  let answerOfOther = () => {};
  client.once((request) => {
    // The other node takes its part, and what it answers comes too late to be heard.
    answerOfOther = () => void client.store(request.filter(({ partition }) => partition === 0));
    throw protocolError('MESSAGE_TOO_LARGE', false);
  });
  client.standing = (request) => {
    if (values(request).includes('bad')) throw protocolError('MESSAGE_TOO_LARGE', false);
    return client.store(request);
  };
  const outcomes = await Promise.all(['good', 'bad'].map((value, partition) => writer.append(record(value, partition))));
  answerOfOther();
  expect(outcomes).toMatchObject([{ kind: 'stored', resent: true }, { kind: 'refused' }]);
  expect(client.log.get('p.t/0')).toEqual(['good', 'good']);
});
