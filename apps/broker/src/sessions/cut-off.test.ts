import { expect, test } from 'vitest';
import { connect, connected, pass, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';

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
