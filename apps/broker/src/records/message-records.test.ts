import { expect, test } from 'vitest';
import { MemoryLog } from '../log/memory-log.js';
import { StateWriter } from '../state/state-writer.js';
import { MessageRecords } from './message-records.js';

test('a message that its only receiver is done with at once is removed once, and counted once', async () => {
  const log = new MemoryLog();
  const records = new MessageRecords(new StateWriter({ log, node: 'n', epoch: 1, partitions: 1 }));
  const message = { topic: 't', payload: Buffer.from('x'), qos: 1 as const, retain: false, properties: {} };
  const record = records.begin('p');
  const receivers = [{ client: 's', message }];
  expect(await records.keep(record, { organisation: 'o', message, owner: 'p', packetId: undefined, receivers })).toMatchObject({
    kind: 'stored',
  });
  records.release(record);
  records.settle(record);
  expect(records.size).toBe(0);
  expect(records.bytes).toBe(0);
  expect(log.records.filter(({ value }) => value === null)).toHaveLength(1);
});

test('a message that is written again after it was removed is counted, and removed again', async () => {
  const log = new MemoryLog();
  const records = new MessageRecords(new StateWriter({ log, node: 'n', epoch: 1, partitions: 1 }));
  const message = { topic: 't', payload: Buffer.from('x'), qos: 2 as const, retain: false, properties: {} };
  const record = records.begin('p');
  const keep = (...clients: string[]) => {
    const receivers = clients.map((client) => ({ client, message }));
    return records.keep(record, { organisation: 'o', message, owner: 'p', packetId: 1, receivers });
  };
  await keep();
  // The session of its sender is over while its subscribers are looked for once more.
  records.release(record);
  await keep('s');
  expect(records.size).toBe(1);
  records.settle(record);
  records.release(record);
  expect([records.size, records.bytes]).toEqual([0, 0]);
  expect(log.records.map(({ value }) => value !== null)).toEqual([true, false, true, false]);
});
