import { expect, test, vi } from 'vitest';
import { connected, pass, subscribe, texts } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';

const world = brokerWorld();

const HOUR_MS = 3_600_000;

/** Somebody sets the clock of the host. */
const step = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** Client `c`, whose session is kept for ten minutes, is lost. */
async function lost(willDelayInterval: number): Promise<void> {
  const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: { willDelayInterval } };
  const client = await connected(world, 'c', { will });
  client.socket.destroy();
  await settled();
}

const isPresent = async (of: Parameters<typeof connected>[0]) => {
  const [connack] = (await connected(of, 'c')).heard();
  return typeof connack === 'object' && connack.type === 'connack' && connack.sessionPresent;
};

test.each([
  ['on', HOUR_MS],
  ['back', -HOUR_MS],
])(
  'a clock that is set %s ends no session and publishes no will, neither early nor late [MQTT-3.1.2-8, MQTT-3.1.2-23]',
  async (_way, ms) => {
    const watcher = await connected(world, 'watcher');
    await watcher.send(subscribe('w'));
    await lost(300);
    step(ms);
    await pass(298);
    expect(texts(watcher)).toEqual([]);
    await pass(3);
    expect(texts(watcher)).toEqual(['gone']);
    await pass(298);
    expect(await isPresent(world)).toBe(true);
    await lost(0);
    step(ms);
    await pass(601);
    expect(await isPresent(world)).toBe(false);
  },
);

test('what was written since the clock was set right is by that clock, for whoever starts next', async () => {
  step(HOUR_MS);
  await lost(300);
  world.broker.close();
  await pass(598);
  const next = await world.nextLife();
  expect(await isPresent(next)).toBe(true);
});

test('a will that was written so waits as long as it should, for whoever starts next', async () => {
  step(-HOUR_MS);
  await lost(300);
  world.broker.close();
  await pass(149);
  await world.restart();
  const watcher = await connected(world, 'watcher');
  await watcher.send(subscribe('w'));
  await pass(149);
  expect(texts(watcher)).toEqual([]);
  await pass(3);
  expect(texts(watcher)).toEqual(['gone']);
});

test('what was written by a clock that was ahead holds no longer than it should, for whoever starts next when it is set right', async () => {
  step(HOUR_MS);
  await lost(300);
  world.broker.close();
  step(-HOUR_MS);
  await world.restart();
  const watcher = await connected(world, 'watcher');
  await watcher.send(subscribe('w'));
  await pass(298);
  expect(texts(watcher)).toEqual([]);
  await pass(3);
  expect(texts(watcher)).toEqual(['gone']);
  await pass(300);
  expect(await isPresent(world)).toBe(false);
});
