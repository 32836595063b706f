import { describe, expect, test, vi } from 'vitest';
import { connect, connected, heardInShort, pass, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import type { FakeClient } from '../connections/fake-socket.fixture.js';
import { holdBack } from '../log/log.fixture.js';

const world = brokerWorld();

const HOUR_MS = 3_600_000;

/** Somebody sets the clock of the host. */
const step = (ms: number) => vi.setSystemTime(Date.now() + ms);

const connackCodes = (client: FakeClient) =>
  client.heard().flatMap((packet) => (typeof packet !== 'string' && packet.type === 'connack' ? [packet.reasonCode] : []));

const sessionRecords = ({ key }: { key: string | null }) => key === 'session:guest/default/c';

describe.each([
  ['on', HOUR_MS],
  ['back', -HOUR_MS],
])('a clock that is set %s', (_way, ms) => {
  test('changes nothing about how long a CONNECT waits for its record', async () => {
    const letGo = holdBack(world.log, sessionRecords);
    const client = await connected(world, 'c');
    step(ms);
    await pass(29);
    expect(heardInShort(client)).toEqual([]);
    await pass(2);
    expect(connackCodes(client)).toEqual([0x88]);
    letGo();
  });

  test('changes nothing about how long Kafka may be silent', async () => {
    world.log.pause();
    world.log.lastAnswerAtMs = performance.now();
    const client = await connected(world, 'c');
    step(ms);
    await pass(4);
    expect(heardInShort(client)).toEqual([]);
    await pass(2);
    expect(connackCodes(client)).toEqual([0x88]);
    const late = await connected(world, 'd');
    expect(connackCodes(late)).toEqual([0x88]);
  });

  test('changes nothing about how long a SUBACK waits for its record', async () => {
    const client = await connected(world, 'c');
    client.heard();
    const letGo = holdBack(world.log, sessionRecords);
    await client.send(subscribe('t'));
    step(ms);
    await pass(29);
    expect(heardInShort(client)).toEqual([]);
    await pass(2);
    expect(heardInShort(client)).toEqual(['disconnect']);
    letGo();
  });

  test('changes nothing about how long a client is refused that was taken over too often', async () => {
    for (let connection = 0; connection < 7; connection++) await connected(world, 'c');
    step(ms);
    const next = async () => {
      const client = world.plug();
      await client.send(connect('c'));
      return connackCodes(client);
    };
    await pass(58);
    expect(await next()).toEqual([0x97]);
    await pass(3);
    expect(await next()).toEqual([0]);
  });
});
