import { topics } from '@milepost/contracts';
import { expect, test } from 'vitest';
import { MemoryLog } from '../log/memory-log.js';
import { StateWriter } from './state-writer.js';

test('who wants to know what is written hears of keys that are used again, and nothing is kept of the endless ones of messages', async () => {
  const writer = new StateWriter({ log: new MemoryLog(), node: 'n', epoch: 1, partitions: 1 });
  await writer.noteWrites();
  for (const topic of [topics.mqttSessions, topics.mqttMessages, topics.mqttRetained]) await writer.put(topic, 'k', 'o', Buffer.from('x'));
  expect([topics.mqttSessions, topics.mqttMessages, topics.mqttRetained].map((topic) => writer.wrote(topic, 'k'))).toEqual([
    true,
    false,
    true,
  ]);
});
