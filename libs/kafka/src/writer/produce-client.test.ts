import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createLogger } from '@milepost/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { connectKafka, type KafkaConnection } from '../connection.js';
import { createProduceClient } from './produce-client.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const messages = [{ key: null, value: Buffer.from('a'), headers: undefined, timestampMs: 0, bytes: 100 }];

test('a node that is away keeps no writer from the others that are named', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = { KAFKA_BROKERS: ['127.0.0.1:1', `127.0.0.1:${port}`], KAFKA_SSL: false, KAFKA_PARTITIONS: 1 };
  const client = createProduceClient(connectKafka(config, { clientId: 'test', logger }), logger);
  const produce = () => client.produce([{ topic: 't', partition: 0, messages }], () => undefined);
  for (let attempts = 0; connections === 0 && attempts < 50; attempts += 1) await expect(produce()).rejects.toThrow();
  expect(connections).toBeGreaterThan(0);
  await client.close();
});

test('closed while a request waits for its connection, it leaves no connection that comes after all', async () => {
  let isOpen = false;
  let letIn: () => void = () => undefined;
  const door = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  const producer = {
    connect: async () => {
      await door;
      isOpen = true;
    },
    sendBatch: async () => [],
    disconnect: async () => {
      isOpen = false;
    },
  };
  const connection = { createClient: () => ({ producer: () => producer }) } as unknown as KafkaConnection;
  const client = createProduceClient(connection, logger);
  const produced = client.produce([{ topic: 't', partition: 0, messages }], () => undefined);
  await client.close();
  letIn();
  await produced;
  expect(isOpen).toBe(false);
});
