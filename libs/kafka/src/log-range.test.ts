import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { createLogger } from '@milepost/runtime';
import { afterEach, expect, test } from 'vitest';
import { connectKafka, type KafkaConnection } from './connection.js';
import { logRange } from './log-range.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const sockets: Socket[] = [];
const server = createServer((socket) => {
  sockets.push(socket.on('error', () => undefined));
});
let connection: KafkaConnection | undefined;

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await connection?.close();
});

test('a Kafka that takes the question and never answers is given up, and asked again through another client', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  connection = connectKafka(
    { KAFKA_BROKERS: [`127.0.0.1:${port}`], KAFKA_SSL: false, KAFKA_PARTITIONS: 1 },
    // kafkajs would wait for ten minutes.
    { clientId: 'test', logger, requestTimeoutMs: 600_000, adminTimeoutMs: 1_000 },
  );
  await expect(logRange(connection, 'fleet.location')).rejects.toThrow(/did not answer within 1000 ms/);
  await expect(logRange(connection, 'fleet.location')).rejects.toThrow(/did not answer within 1000 ms/);
  expect(sockets.length).toBe(2);
});
