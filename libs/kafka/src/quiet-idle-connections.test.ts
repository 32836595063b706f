import { createRequire } from 'node:module';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answerTo, connectionUnderTest, untilSent } from './kafkajs-connection.fixture.js';
import { quietIdleConnections } from './quiet-idle-connections.js';

quietIdleConnections();

const inside = createRequire(import.meta.url);

interface RequestQueue {
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}

/** Counts how often a queue looks whether anything waits, while nothing does. */
function looksOf(queue: RequestQueue): () => number {
  const look = vi.spyOn(queue, 'checkPendingRequests');
  queue.scheduleCheckPendingRequests();
  return () => look.mock.calls.length;
}

/** As kafkajs delivers it, whatever has been done to the one that is in use. */
function untouchedQueue(): RequestQueue {
  const path = inside.resolve('kafkajs/src/network/requestQueue/index.js');
  const inUse = inside.cache[path];
  delete inside.cache[path];
  const Queue = inside(path) as new (options: object) => RequestQueue;
  inside.cache[path] = inUse;
  const queue = new Queue({ maxInFlightRequests: null, requestTimeout: 30_000, enforceRequestTimeout: false, logger: {} });
  onTestFinished(() => queue.destroy());
  return queue;
}

test('where kafkajs looks each millisecond whether something waits for an idle connection, ours does not look at all', async () => {
  const { connection } = connectionUnderTest();
  await connection.connect();
  const looks = looksOf(connection.requestQueue as unknown as RequestQueue);
  await expect.poll(looksOf(untouchedQueue()), { timeout: 20_000 }).toBeGreaterThan(10);
  expect(looks()).toBe(0);
  await connection.disconnect();
});

test('what waits is sent all the same', async () => {
  const { connection, sockets, ask } = connectionUnderTest();
  await connection.connect();
  connection.requestQueue.maybeThrottle(50);
  const asked = ask();
  await untilSent(sockets[0]);
  sockets[0]?.emit('data', answerTo(0));
  expect(await asked).toMatchObject({ errorCode: 0 });
  await connection.disconnect();
});
