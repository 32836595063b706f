import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { beginConnectionsAfresh } from './fresh-connections.js';

interface Connection {
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  send(protocol: object): Promise<unknown>;
}

const inside = createRequire(import.meta.url);
const KafkaJsConnection = inside('kafkajs/src/network/connection.js') as new (options: object) => Connection;
const heartbeat = inside('kafkajs/src/protocol/requests/heartbeat/index.js') as {
  protocol(version: { version: number }): (data: object) => object;
};
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

beginConnectionsAfresh();

/** A socket whose other end is the test. */
class FakeSocket extends EventEmitter {
  isDestroyed = false;
  readonly written: Buffer[] = [];

  write(bytes: Buffer): void {
    this.written.push(bytes);
  }
  end(): void {}
  unref(): void {}
  destroy(): void {
    this.isDestroyed = true;
    setImmediate(() => this.emit('close'));
  }
  /** As when the server has gone. */
  goAway(): void {
    this.emit('end');
    this.emit('close');
  }
}

function connectionUnderTest() {
  const sockets: FakeSocket[] = [];
  const connection = new KafkaJsConnection({
    host: 'kafka.test',
    port: 9_092,
    logger: { namespace: () => quiet },
    connectionTimeout: 30_000,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    socketFactory: ({ onConnect }: { onConnect(): void }) => {
      const socket = new FakeSocket();
      sockets.push(socket);
      setImmediate(onConnect);
      return socket;
    },
  });
  const ask = () => connection.send(heartbeat.protocol({ version: 0 })({ groupId: 'g', groupGenerationId: 1, memberId: 'm' }));
  return { connection, sockets, ask };
}

/** What Kafka answers to a heartbeat: length, correlation id, no error. */
function answerTo(correlationId: number): Buffer {
  const answer = Buffer.alloc(10);
  answer.writeInt32BE(6, 0);
  answer.writeInt32BE(correlationId, 4);
  return answer;
}

const untilSent = async (socket: FakeSocket | undefined) => {
  while (socket?.written.length === 0) await new Promise(setImmediate);
};

describe('a connection of kafkajs', () => {
  test('that is opened again does not take the next answer for the rest of one that was cut', async () => {
    const { connection, sockets, ask } = connectionUnderTest();
    await connection.connect();
    const cut = expect(ask()).rejects.toMatchObject({ name: 'KafkaJSConnectionClosedError' });
    await untilSent(sockets[0]);
    sockets[0]?.emit('data', answerTo(0).subarray(0, 7));
    sockets[0]?.goAway();
    await cut;
    await connection.connect();
    const asked = ask();
    await untilSent(sockets[1]);
    sockets[1]?.emit('data', answerTo(1));
    expect(await asked).toMatchObject({ errorCode: 0 });
    await connection.disconnect();
  });

  test('is opened once, however many ask for it, and leaves the socket before behind', async () => {
    const { connection, sockets } = connectionUnderTest();
    await connection.connect();
    await connection.disconnect();
    await Promise.all([connection.connect(), connection.connect()]);
    expect(sockets.map(({ isDestroyed }) => isDestroyed)).toEqual([true, false]);
    await connection.disconnect();
  });
});
