import type { Admin, Kafka } from 'kafkajs';
import { expect, test } from 'vitest';
import { AdminClient } from './admin-client.js';

/** A Kafka whose clients each know the leaders of the time when they were made. */
function kafka(errors: readonly (string | undefined)[]) {
  const clients: { open: boolean }[] = [];
  const admin = () => {
    const type = errors[clients.length];
    const client = { open: false };
    clients.push(client);
    return {
      connect: async () => {
        client.open = true;
      },
      disconnect: async () => {
        client.open = false;
      },
      fetchTopicOffsets: async () => {
        if (type !== undefined) throw Object.assign(new Error(type), { type });
        return [];
      },
    };
  };
  return { clients, client: new AdminClient({ admin } as unknown as Kafka, 5_000) };
}

const ask = (admin: Admin) => admin.fetchTopicOffsets('topic');

test('a client that knows a leader of before is given up, and the question asked through another', async () => {
  const { clients, client } = kafka(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', undefined]);
  expect(await client.ask(ask)).toEqual([]);
  expect(clients).toEqual([{ open: false }, { open: false }, { open: true }]);
  await client.close();
});

test('what else goes wrong is for who asked', async () => {
  const { clients, client } = kafka(['UNKNOWN_TOPIC_OR_PARTITION']);
  await expect(client.ask(ask)).rejects.toThrow('UNKNOWN_TOPIC_OR_PARTITION');
  expect(clients).toEqual([{ open: true }]);
});

test('a client that got no answer is given up: kafkajs may have lost the node it began with for good', async () => {
  let opened = 0;
  let disconnected = 0;
  const admin = () => {
    const isFirst = opened++ === 0;
    return {
      connect: async () => undefined,
      disconnect: async () => void disconnected++,
      listTopics: async () => {
        if (isFirst) throw new Error('Broker not connected');
        return ['topic'];
      },
    };
  };
  const client = new AdminClient({ admin } as unknown as Kafka, 1_000);
  await expect(client.ask((asked) => asked.listTopics())).rejects.toThrow('Broker not connected');
  expect(await client.ask((asked) => asked.listTopics())).toEqual(['topic']);
  expect([opened, disconnected]).toEqual([2, 1]);
});

test('a client whose connection fails late leaves the one that took its place alone', async () => {
  let failFirst: (error: Error) => void = () => undefined;
  const first = new Promise<void>((_, reject) => {
    failFirst = reject;
  });
  const connections = [first, Promise.resolve()];
  let disconnected = 0;
  let opened = 0;
  const admin = () =>
    ({
      connect: () => connections[opened++] ?? Promise.reject(new Error('a third client')),
      disconnect: async () => {
        disconnected += 1;
      },
    }) as unknown as Admin;
  const client = new AdminClient({ admin } as unknown as Kafka, 10);
  await expect(client.ask(async () => 'answer')).rejects.toThrow('did not answer');
  const second = await client.get();
  failFirst(new Error('too late'));
  await first.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await client.get()).toBe(second);
  await client.close();
  expect(disconnected).toBe(1);
});

test('after a connection that failed the next question goes through a new client', async () => {
  let opened = 0;
  const admin = () => ({ connect: () => (opened++ === 0 ? Promise.reject(new Error('away')) : Promise.resolve()) }) as unknown as Admin;
  const client = new AdminClient({ admin } as unknown as Kafka, 1_000);
  await expect(client.ask(async () => 'answer')).rejects.toThrow('away');
  expect(await client.ask(async () => 'answer')).toBe('answer');
});

test('once it is closed no client is opened that nobody closes: neither for a question that is to be asked again, nor for a new one', async () => {
  const { clients, client } = kafka(['NOT_LEADER_FOR_PARTITION', undefined]);
  let failed = false;
  const question = (admin: Admin) => ask(admin).finally(() => (failed = true));
  const asked = expect(client.ask(question)).rejects.toThrow('is closed');
  await expect.poll(() => failed).toBe(true);
  await client.close();
  await asked;
  await expect(client.ask(ask)).rejects.toThrow('is closed');
  await expect(client.get()).rejects.toThrow('is closed');
  expect(clients).toEqual([{ open: false }]);
});
