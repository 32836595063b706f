import { topics } from '@milepost/contracts';
import { expect, test } from 'vitest';
import { connect, messages, pass, publish, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import type { FakeClient } from '../connections/fake-socket.fixture.js';

const BODY = 'x'.repeat(600);

const world = brokerWorld({ maxKeptBytes: 2_000 });

const open = async (clientId: string) => {
  const client = world.plug(5);
  await client.send(connect(clientId));
  return client;
};

/** Packet ids in the order that they were answered, with the codes. */
const acks = (client: FakeClient) =>
  client
    .heard()
    .flatMap((packet) => (typeof packet !== 'string' && packet.type === 'puback' ? [[packet.packetId, packet.reasonCode]] : []));

test('when too much waits for clients that are away a publisher is told so, and what was acknowledged is delivered', async () => {
  const reader = await open('r');
  await reader.send(subscribe('#'));
  reader.socket.destroy();
  const publisher = await open('p');
  publisher.heard();
  for (const packetId of [1, 2, 3]) await publisher.send(publish(packetId, `${packetId}${BODY}`));
  expect(acks(publisher)).toEqual([
    [1, 0],
    [2, 0],
    [3, 0x97],
  ]);
  const back = await open('r');
  const got = messages(back);
  expect(got.map(({ payload }) => String(payload)[0])).toEqual(['1', '2']);
  await back.send(...got.map(({ packetId }) => ({ type: 'puback' as const, packetId: packetId ?? 0, reasonCode: 0, properties: {} })));
  await publisher.send(publish(4, BODY));
  expect(acks(publisher)).toEqual([[4, 0]]);
});

test('a bridged message is stored all the same, and reaches who is connected; copies for who is away are dropped', async () => {
  const [away, here] = [await open('a'), await open('h')];
  for (const client of [away, here]) await client.send(subscribe('#'));
  away.socket.destroy();
  const vehicle = world.broker.plugBridged();
  await vehicle.send(connect('v'));
  vehicle.heard();
  for (const packetId of [1, 2, 3]) await vehicle.send(publish(packetId, `${packetId}${BODY}`));
  expect(acks(vehicle).map(([, code]) => code)).toEqual([0, 0, 0]);
  const firsts = (of: FakeClient) => messages(of).map(({ payload }) => String(payload)[0]);
  expect(firsts(here)).toEqual(['1', '2', '3']);
  expect(firsts(await open('a'))).toEqual(['1', '2']);
  expect(world.log.records.filter(({ topic }) => topic === topics.location)).toHaveLength(3);
});

test('the bound counts what an earlier process left waiting', async () => {
  const reader = await open('r');
  await reader.send(subscribe('#'));
  reader.socket.destroy();
  const before = await open('p');
  for (const packetId of [1, 2]) await before.send(publish(packetId, BODY));
  await world.restart();
  const after = await open('p');
  after.heard();
  await after.send(publish(3, BODY));
  expect(acks(after)).toEqual([[3, 0x97]]);
});

test('messages of no bytes count for what they cost to hold', async () => {
  const reader = await open('r');
  await reader.send(subscribe('#'));
  reader.socket.destroy();
  const publisher = await open('p');
  publisher.heard();
  for (const packetId of [1, 2, 3, 4]) await publisher.send(publish(packetId, ''));
  expect(acks(publisher).map(([, code]) => code)).toEqual([0, 0, 0, 0x97]);
});

test('what expires while its client is away makes room, and goes off the record [MQTT-3.3.2-5]', async () => {
  const reader = await open('r');
  await reader.send(subscribe('#'));
  reader.socket.destroy();
  const publisher = await open('p');
  publisher.heard();
  const properties = { messageExpiryInterval: 60 };
  for (const packetId of [1, 2, 3]) await publisher.send(publish(packetId, BODY, { properties }));
  await pass(61);
  await publisher.send(publish(4, `4${BODY}`));
  expect(acks(publisher)).toEqual([
    [1, 0],
    [2, 0],
    [3, 0x97],
    [4, 0],
  ]);
  const left = world.log.records.filter(({ topic }) => topic === topics.mqttMessages);
  expect(left.map(({ value }) => value === null)).toEqual([false, false, true, true, false]);
  expect(messages(await open('r')).map(({ payload }) => String(payload)[0])).toEqual(['4']);
});
