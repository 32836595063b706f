import { topics } from '@milepost/contracts';
import { createLogger } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { connected, life, pass, publish, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { logUpTo, withhold } from '../log/log.fixture.js';
import type { MemoryLog } from '../log/memory-log.js';
import type { ReadableLog } from '../log/message-log.js';
import { readKeptState } from '../state/read-kept-state.js';

const MIB = 1_048_576;

const world = brokerWorld({}, 'intervals and timeouts');

/** As Kafka hands over what is in a log: each body is a view on all that was fetched with it. */
function fetched(log: MemoryLog): ReadableLog {
  return {
    readAll: (names, onRecord, from) =>
      log.readAll(
        names,
        (record) => {
          const bytes = Buffer.alloc(MIB);
          const { value } = record;
          onRecord({ ...record, value: value && bytes.subarray(0, value.copy(bytes)) });
        },
        from,
      ),
  };
}

test('what an earlier process left does not keep all that was fetched with it: neither messages that wait nor what topics retain', async () => {
  await (await connected(world, 's')).send(subscribe('t'), { type: 'disconnect', reasonCode: 0, properties: {} });
  await (await connected(world, 'p')).send(publish(1, 'waits'), publish(2, ''), publish(3, 'kept', { topic: 'r', retain: true }));
  await settled();
  const { messages, retained } = await readKeptState(fetched(world.log), createLogger({ app: 'test', level: 'silent' }));
  const held = [...messages, ...retained].map(({ payload }) => [String(payload), payload.buffer.byteLength]);
  expect(held).toEqual([
    ['waits', 5],
    ['', 0],
    ['kept', 4],
  ]);
});

test('a retained will that was published, and is not retained yet, is still on record when there is no room for that at first', async () => {
  const will = { topic: 't', payload: Buffer.from('gone'), qos: 1 as const, retain: true, properties: {} };
  const client = await connected(world, 'c', { will });
  client.socket.destroy();
  await settled();
  const published = world.log.records.findIndex(({ topic, value }) => topic === topics.mqttMessages && value !== null);
  const rest = logUpTo(world.log, published + 1);
  const letGo = withhold(rest, ({ topic }) => topic === topics.mqttRetained);
  const next = await life(rest, 2, { reader: fetched(rest) });
  await pass(20);
  letGo();
  await pass(6);
  next.close();
  const after = await life(rest, 3);
  const late = await connected(after, 'late');
  await late.send(subscribe('t'));
  after.close();
  expect(texts(late)).toEqual(['gone']);
});
