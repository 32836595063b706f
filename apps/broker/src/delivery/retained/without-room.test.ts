import { topics } from '@milepost/contracts';
import { expect, test } from 'vitest';
import { type BrokerLife, connected, messages, pass, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { withhold } from '../../log/log.fixture.js';

const world = brokerWorld({}, 'intervals and timeouts');

/** Longer than any pause between two attempts. */
const NEXT_ATTEMPT_SECONDS = 6;

const retain = async (of: Pick<BrokerLife, 'plug'>, payload: string) =>
  (await connected(of, 'p', { cleanStart: true, properties: {} })).send(publish(1, payload, { retain: true }));

/** A client of a kept session has subscribed to a topic that retains something, of which the log has no room for a record. */
async function subscribed() {
  await retain(world, 'retained');
  const letGo = withhold(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
  const client = await connected(world, 'c');
  await client.send(subscribe('t'));
  await pass(10);
  expect(texts(client)).toEqual([]);
  return { client, letGo };
}

test('what a topic retains is handed to a new subscriber when there is room for its record', async () => {
  const { client, letGo } = await subscribed();
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(messages(client)).toMatchObject([{ payload: Buffer.from('retained'), retain: true }]);
  expect(await world.read('undelivered_total')).toBe(0);
});

test('it is not handed over after what the topic has retained since', async () => {
  const { client, letGo } = await subscribed();
  letGo();
  await retain(world, 'newer');
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(texts(client)).toEqual(['newer']);
});

test('nothing is recorded for a session that has ended meanwhile', async () => {
  const { client, letGo } = await subscribed();
  const before = world.log.records.length;
  await client.send({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(world.log.records.slice(before).filter(({ topic }) => topic === topics.mqttMessages)).toEqual([]);
});

test('nothing is recorded for who has unsubscribed meanwhile, or delivered behind UNSUBACK [MQTT-3.10.4-2]', async () => {
  const { client, letGo } = await subscribed();
  const before = world.log.records.length;
  await client.send({ type: 'unsubscribe', packetId: 2, filters: ['t'], properties: {} });
  expect(client.heard()).toMatchObject([{ type: 'unsuback', reasonCodes: [0] }]);
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(client.heard()).toEqual([]);
  expect(world.log.records.slice(before).filter(({ topic }) => topic === topics.mqttMessages)).toEqual([]);
});

test('who subscribes again meanwhile gets it once', async () => {
  const { client, letGo } = await subscribed();
  await client.send(subscribe('t'));
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  expect(texts(client)).toEqual(['retained']);
});

test.each([1, 2] as const)(
  'nothing is lost to who subscribes again meanwhile and asks for no more (Retain Handling %s) [MQTT-3.8.4-4]',
  async (retainHandling) => {
    const { client, letGo } = await subscribed();
    const { subscriptions, ...packet } = subscribe('t');
    await client.send({ ...packet, subscriptions: subscriptions.map((each) => ({ ...each, retainHandling })) });
    letGo();
    await pass(NEXT_ATTEMPT_SECONDS);
    expect(texts(client)).toEqual(['retained']);
  },
);

test('who leaves before its subscription is on record has what its topics retained in its session: made again it is not new [MQTT-3.3.1-10]', async () => {
  await retain(world, 'retained');
  const onlyIfNew = {
    ...subscribe('t'),
    subscriptions: subscribe('t').subscriptions.map((each) => ({ ...each, retainHandling: 1 as const })),
  };
  const client = await connected(world, 'c');
  const letGo = withhold(world.log, ({ topic }) => topic === topics.mqttSessions);
  await client.send(onlyIfNew);
  expect(client.heard()).toMatchObject([{ type: 'connack' }]);
  client.socket.destroy();
  letGo();
  await pass(NEXT_ATTEMPT_SECONDS);
  const back = await connected(world, 'c');
  await back.send(onlyIfNew);
  expect(texts(back)).toEqual(['retained']);
});
