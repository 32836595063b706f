import { expect, test } from 'vitest';
import { ack, connected, heardInShort, pass, publish, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';
import { withhold } from '../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

const CLAIM = 'session:guest/default/s';
/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;

test('a SUBSCRIBE whose record the log has no room for is answered when it has', async () => {
  const client = await connected(world, 's');
  const letGo = withhold(world.log, ({ key }) => key === CLAIM);
  client.heard();
  await client.send(subscribe('t'));
  await pass(10);
  expect(heardInShort(client)).toEqual([]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(heardInShort(client)).toEqual(['suback']);
});

test('a PUBREL whose record the log has no room for is answered when it has', async () => {
  const client = await connected(world, 's');
  await client.send(publish(1, 'one', { qos: 2 }));
  client.heard();
  const letGo = withhold(world.log, ({ key }) => key === 'inbound:guest/default/s');
  await client.send(ack('pubrel', 1));
  await pass(10);
  expect(heardInShort(client)).toEqual([]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(heardInShort(client)).toEqual(['pubcomp']);
});

/** A clean start whose session does not outlive it has come for a session whose claim the log has no room to remove. */
async function cleanStartWithoutRoom() {
  const before = await connected(world, 's');
  before.socket.destroy();
  await settled();
  const letGo = withhold(world.log, ({ key, value }) => key === CLAIM && value === null);
  return { letGo, client: await connected(world, 's', { cleanStart: true, properties: {} }) };
}

const inNextLife = async () => (await connected(await world.nextLife(), 's')).heard();

test('a clean start is accepted when the log has room to remove the claim before', async () => {
  const { letGo, client } = await cleanStartWithoutRoom();
  await pass(10);
  expect(heardInShort(client)).toEqual([]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
  expect(await inNextLife()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
});

test('a claim that was to be removed for a clean start stays when that is given up, however late there is room', async () => {
  const { letGo, client } = await cleanStartWithoutRoom();
  client.socket.destroy();
  await settled();
  letGo();
  await pass(60);
  expect(await inNextLife()).toMatchObject([{ type: 'connack', sessionPresent: true }]);
});
