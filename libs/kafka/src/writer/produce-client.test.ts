import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createLogger } from '@milepost/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { connectKafka } from '../connection.js';
import { createProduceClient } from './produce-client.js';

test('a node that is away keeps no writer from the others that are named', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const logger = createLogger({ app: 'test', level: 'silent' });
  const config = { KAFKA_BROKERS: ['127.0.0.1:1', `127.0.0.1:${port}`], KAFKA_SSL: false, KAFKA_PARTITIONS: 1 };
  const client = createProduceClient(connectKafka(config, { clientId: 'test', logger }), logger);
  const messages = [{ key: null, value: Buffer.from('a'), headers: undefined, timestampMs: 0, bytes: 100 }];
  const produce = () => client.produce([{ topic: 't', partition: 0, messages }], () => undefined);
  for (let attempts = 0; connections === 0 && attempts < 50; attempts += 1) await expect(produce()).rejects.toThrow();
  expect(connections).toBeGreaterThan(0);
  await client.close();
});
