import { createRequire } from 'node:module';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { answerTo, nodeUnderTest, untilSent } from './kafkajs-connection.fixture.js';
import { giveUpSilentNodes } from './silent-nodes.js';
import { countTimeoutsByUptime } from './uptime-timeouts.js';

countTimeoutsByUptime();
giveUpSilentNodes();

const closed = { name: 'KafkaJSConnectionClosedError' };
const longMs = 1_200;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface NodePool {
  findConnectedBroker(): Promise<unknown>;
  withBroker(ask: (asked: { nodeId: string }) => Promise<unknown>): Promise<unknown>;
}
const BrokerPool = createRequire(import.meta.url)('kafkajs/src/cluster/brokerPool.js') as { prototype: object };

/** What a client knows of three nodes: one answers, one owes an answer, to one there is no connection. */
async function threeNodes(reachable = (_nodeId: string) => true) {
  const [answering, silent, far] = [nodeUnderTest(), nodeUnderTest(), nodeUnderTest()];
  const answered = answering.ask();
  const unanswered = silent.ask().catch(() => undefined);
  await untilSent(answering.sockets[0]);
  answering.sockets[0]?.emit('data', answerTo(0));
  await answered;
  await wait(longMs);
  const brokers = { 1: silent, 2: answering, 3: far };
  const findBroker = async ({ nodeId }: { nodeId: string }) => {
    if (!reachable(nodeId)) throw new Error(`${nodeId} is out of reach`);
    return nodeId;
  };
  const pool: NodePool = Object.assign(Object.create(BrokerPool.prototype), { brokers, findBroker });
  const end = async () => {
    silent.sockets[0]?.goAway();
    await unanswered;
  };
  return { pool, end };
}

describe('a node that leaves a request unanswered for its time', () => {
  test('is given up with all that is asked of it, and asked through another connection', async () => {
    // By a clock of the test: on a busy machine the second question would come when the first has timed out.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { connectionPool, sockets, ask } = nodeUnderTest({ requestTimeout: 400 });
    const sent = (connection: number) => expect.poll(() => sockets[connection]?.written ?? []);
    const first = expect(ask()).rejects.toMatchObject({ name: 'KafkaJSRequestTimeoutError' });
    await sent(0).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(300);
    const second = expect(ask()).rejects.toMatchObject(closed);
    await sent(0).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all([first, second]);
    expect(sockets[0]?.isDestroyed).toBe(true);
    await expect.poll(() => connectionPool.isConnected()).toBe(false);
    const third = ask();
    await sent(1).toHaveLength(1);
    sockets[1]?.emit('data', answerTo(2));
    expect(await third).toMatchObject({ errorCode: 0 });
    await connectionPool.pool[0]?.disconnect();
  });

  test('at the very first makes its client turn to another one', async () => {
    const { ask } = nodeUnderTest({ requestTimeout: 200 });
    await expect(ask('ApiVersions')).rejects.toMatchObject({ name: 'KafkaJSConnectionError' });
  });
});

test('a connection that is to be closed is not waited for when it owes an answer for long', async () => {
  const { connectionPool, ask, sockets } = nodeUnderTest();
  const asked = expect(ask()).rejects.toMatchObject(closed);
  await untilSent(sockets[0]);
  await wait(2_300);
  await connectionPool.pool[0]?.disconnect();
  await asked;
});

describe('who leads, and who coordinates, is asked', () => {
  const many = Array.from({ length: 20 });

  test('of a node that answers, before one to which there is no connection, before one that owes an answer', async () => {
    const { pool, end } = await threeNodes();
    for (const _ of many) expect(await pool.findConnectedBroker()).toBe('2');
    for (const _ of many) expect(await pool.withBroker(async ({ nodeId }) => nodeId)).toBe('2');
    await end();
    const others = await threeNodes((nodeId) => nodeId !== '2');
    for (const _ of many) expect(await others.pool.findConnectedBroker()).toBe('3');
    for (const _ of many) expect(await others.pool.withBroker(async ({ nodeId }) => nodeId)).toBe('3');
    await others.end();
  });

  test('of all of them, and where none can be reached, that is said', async () => {
    const { pool, end } = await threeNodes((nodeId) => nodeId === '1');
    expect(await pool.findConnectedBroker()).toBe('1');
    await end();
    const none = await threeNodes(() => false);
    await expect(none.pool.withBroker(async () => 'an answer')).rejects.toThrow('out of reach');
    await none.end();
  });
});
