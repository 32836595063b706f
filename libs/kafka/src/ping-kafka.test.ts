import { createServer, type Server } from 'node:net';
import { ConfigError } from '@milepost/runtime';
import { afterEach, expect, it } from 'vitest';
import { pingKafka } from './ping-kafka.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Takes connections, counts them, and closes each, unless it is to keep them without a word. */
async function deafBroker({ closes = true } = {}): Promise<{ address: string; connections: number }> {
  const broker = { address: '', connections: 0 };
  const server = createServer((socket) => {
    broker.connections += 1;
    if (closes) socket.destroy();
    else socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  broker.address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return broker;
}

const ping = (...KAFKA_BROKERS: string[]) => pingKafka({ KAFKA_BROKERS, KAFKA_SSL: false, KAFKA_PARTITIONS: 1 });

it('asks every broker that is named, and says of each why it does not answer', async () => {
  const deaf = await deafBroker();
  await expect(ping('127.0.0.1:1', '127.0.0.1:2', deaf.address)).rejects.toThrow(
    new RegExp(`127\\.0\\.0\\.1:1: .*ECONNREFUSED.*; 127\\.0\\.0\\.1:2: .*ECONNREFUSED.*; ${deaf.address}: `),
  );
  expect(deaf.connections).toBeGreaterThan(0);
});

it('asks none when one is no address, and says which', async () => {
  const deaf = await deafBroker();
  const asked = ping(deaf.address, 'foo', 'bar:99999');
  await expect(asked).rejects.toBeInstanceOf(ConfigError);
  await expect(asked).rejects.toThrow('KAFKA_BROKERS: "foo", "bar:99999" is not host:port, like kafka-1:9092.');
  expect(deaf.connections).toBe(0);
});

it('says once of several that the settings cannot be used', async () => {
  const asked = pingKafka({
    KAFKA_BROKERS: ['127.0.0.1:1', '127.0.0.1:2'],
    KAFKA_SSL: true,
    KAFKA_SSL_CA_FILE: '/proc/none',
    KAFKA_PARTITIONS: 1,
  });
  await expect(asked).rejects.toBeInstanceOf(ConfigError);
});

/** ms until the question is refused. */
async function refusedAfter(address: string, why: RegExp): Promise<number> {
  const askedAt = performance.now();
  await expect(ping(address)).rejects.toThrow(why);
  return performance.now() - askedAt;
}

it('says at once that a port refuses connections', async () => {
  expect(await refusedAfter('127.0.0.1:1', /ECONNREFUSED/)).toBeLessThan(2_500);
});

it('asks a broker that says nothing once, and gives it up by the time-out', async () => {
  const silent = await deafBroker({ closes: false });
  expect(await refusedAfter(silent.address, /timed out/i)).toBeLessThan(10_000);
  expect(silent.connections).toBe(1);
});
