import { expect, test } from 'vitest';
import { connect, connected, life, pass, publish, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { logUpTo } from '../log/log.fixture.js';

const world = brokerWorld();

/** Is session `s`, which is kept for ten minutes, there? */
async function isPresent(): Promise<boolean> {
  const [connack] = (await connected(await world.nextLife(), 's')).heard();
  return typeof connack === 'object' && connack.type === 'connack' && connack.sessionPresent;
}

test('a session whose client does not come back after a kill ends when its time is over, however often the broker is started meanwhile [MQTT-3.1.2-23]', async () => {
  await (await connected(world, 's')).send(subscribe('t'));
  await world.restart();
  await pass(300);
  await world.restart();
  await pass(299);
  expect(await isPresent()).toBe(true);
  await pass(61);
  expect(await isPresent()).toBe(false);
});

test('nothing is written of one whose client is back', async () => {
  await (await connected(world, 's')).send(subscribe('t'));
  await (await connected(world, 'other')).send(subscribe('t'));
  await world.restart();
  await world.plug().send(connect('s'));
  const before = world.log.records.length;
  await pass(61);
  expect(world.log.records.slice(before).map(({ key }) => key)).toEqual(['session:guest/default/other']);
});

test('what a session had goes with the next start where the broker died between its end and that', async () => {
  const client = await connected(world, 's');
  await client.send(subscribe('t'));
  await (await connected(world, 'p')).send(publish(1, 'x'));
  await client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await settled();
  const ended = world.log.records.findIndex(({ key, value }) => key === 'session:guest/default/s' && value === null);
  const rest = logUpTo(world.log, ended + 1);
  const next = await life(rest, 2);
  await settled();
  next.close();
  const left = new Map(rest.records.map(({ key, value }) => [key, value]));
  expect([...left].filter(([key, value]) => value !== null && key?.endsWith('/s')).map(([key]) => key)).toEqual([]);
});
