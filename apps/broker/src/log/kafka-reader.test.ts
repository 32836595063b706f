import type { LogTail, LogTailOptions } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import type { Admin } from 'kafkajs';
import { expect, test, vi } from 'vitest';
import { KafkaReader } from './kafka-reader.js';

const topic = 'mqtt.sessions';

/** A reader on a Kafka of one topic with two partitions, whose logs end at 10; `start` is what becomes of each tail that it opens. */
function reader(start: () => Promise<void> = async () => undefined) {
  const admin = {
    fetchTopicOffsets: async () => [0, 1].map((partition) => ({ partition, offset: '10', high: '10', low: '0' })),
  } as unknown as Admin;
  const opened: LogTailOptions['from'][] = [];
  const readToEnd = vi.fn<LogTail['readToEnd']>(async () => undefined);
  const close = vi.fn(async () => undefined);
  const it = new KafkaReader(
    { askAdmin: (question) => question(admin), physicalTopic: (name) => name },
    createLogger({ app: 'test', level: 'silent' }),
    ({ from }) => {
      opened.push(from);
      return { start, readToEnd, positions: () => new Map(), ready: true, close };
    },
  );
  return { it, opened, readToEnd, close };
}

test('reading begins anew when a tail cannot go on, with a tail of its own each time', async () => {
  const outcomes = [() => Promise.reject(new Error('not authorised')), async () => undefined];
  const { it, opened, close } = reader(() => (outcomes.shift() ?? (async () => undefined))());
  await it.readAll([topic], () => undefined);
  expect(opened).toEqual(['start', 'start']);
  expect(close).toHaveBeenCalledTimes(2);
});

test('the end of the log is looked at again: what is missed of the state is missed for good', async () => {
  const { it, readToEnd } = reader();
  await it.readAll([topic], () => undefined);
  expect(readToEnd.mock.calls).toEqual([[{ lookAgain: true }]]);
});

test('from an offset that the log does not reach, which it lost, reading begins at its end; so does that of partitions that are not asked for', async () => {
  const { it, opened } = reader();
  await it.readAll([topic], () => undefined, new Map([[topic, new Map([[0, 12n]])]]));
  await it.readAll([topic], () => undefined, new Map([[topic, new Map([[1, 4n]])]]));
  const from = (first: bigint, second: bigint) => ({
    offsets: new Map([
      [0, first],
      [1, second],
    ]),
  });
  expect(opened).toEqual([from(10n, 10n), from(10n, 4n)]);
});
