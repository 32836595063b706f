import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { RequestQueue } from './uptime-timeouts.js';

interface Connection {
  readonly requestQueue: RequestQueue;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  send(protocol: object): Promise<unknown>;
}

/** Of one client to one node. */
interface ConnectionPool {
  readonly pool: readonly Connection[];
  isConnected(): boolean;
  send(protocol: object): Promise<unknown>;
}

const inside = createRequire(import.meta.url);
const KafkaJsConnection = inside('kafkajs/src/network/connection.js') as new (options: object) => Connection;
const KafkaJsConnectionPool = inside('kafkajs/src/network/connectionPool.js') as new (options: object) => ConnectionPool;
const heartbeat = inside('kafkajs/src/protocol/requests/heartbeat/index.js') as {
  protocol(version: { version: number }): (data: object) => object;
};
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A socket whose other end is the test. */
export class FakeSocket extends EventEmitter {
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

const beat = () => heartbeat.protocol({ version: 0 })({ groupId: 'g', groupGenerationId: 1, memberId: 'm' });

function optionsOf(requestTimeout: number, sockets: FakeSocket[]) {
  return {
    host: 'kafka.test',
    port: 9_092,
    logger: { namespace: () => quiet },
    connectionTimeout: 30_000,
    requestTimeout,
    enforceRequestTimeout: true,
    socketFactory: ({ onConnect }: { onConnect(): void }) => {
      const socket = new FakeSocket();
      sockets.push(socket);
      setImmediate(onConnect);
      return socket;
    },
  };
}

/** A connection of kafkajs, and the sockets that it has opened. */
export function connectionUnderTest({ requestTimeout = 30_000 } = {}) {
  const sockets: FakeSocket[] = [];
  const connection = new KafkaJsConnection(optionsOf(requestTimeout, sockets));
  return { connection, sockets, ask: () => connection.send(beat()) };
}

/** The connections of a client of kafkajs to one node, and the sockets that they have opened. */
export function nodeUnderTest({ requestTimeout = 30_000 } = {}) {
  const sockets: FakeSocket[] = [];
  const connectionPool = new KafkaJsConnectionPool(optionsOf(requestTimeout, sockets));
  const ask = (apiName?: string) => {
    const asked = beat() as { request: object };
    return connectionPool.send(apiName === undefined ? asked : { ...asked, request: { ...asked.request, apiName } });
  };
  return { connectionPool, sockets, ask, isConnected: () => connectionPool.isConnected() };
}

/** What Kafka answers to a heartbeat: length, correlation id, no error. */
export function answerTo(correlationId: number): Buffer {
  const answer = Buffer.alloc(10);
  answer.writeInt32BE(6, 0);
  answer.writeInt32BE(correlationId, 4);
  return answer;
}

export const untilSent = async (socket: FakeSocket | undefined) => {
  while (socket?.written.length === 0) await new Promise(setImmediate);
};
