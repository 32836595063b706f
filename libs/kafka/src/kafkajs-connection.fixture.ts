import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

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

/** A connection of kafkajs, and the sockets that it has opened. */
export function connectionUnderTest({ requestTimeout = 30_000 } = {}) {
  const sockets: FakeSocket[] = [];
  const connection = new KafkaJsConnection({
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
  });
  const ask = () => connection.send(heartbeat.protocol({ version: 0 })({ groupId: 'g', groupGenerationId: 1, memberId: 'm' }));
  return { connection, sockets, ask };
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
