import { describe, expect, test } from 'vitest';
import { connect, connected, messages, pass, publish, subscribe } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { settled } from '../connections/fake-socket.fixture.js';

const world = brokerWorld();

const reader = async () => {
  const client = await connected(world, 'r');
  await client.send(subscribe('t'));
  client.heard();
  return client;
};

/** What is sent meanwhile waits four seconds for its place in the log. */
async function whileTheLogStalls(send: () => unknown): Promise<void> {
  world.log.pause();
  await send();
  await pass(4);
  world.log.resume();
  await settled();
}

describe('the time that a bridged message waits for the log is taken off its expiry', () => {
  test.each([0, 1, 2] as const)('at QoS %i, and what is over by then reaches nobody [MQTT-3.3.2-5, MQTT-3.3.2-6]', async (qos) => {
    const to = await reader();
    const vehicle = world.broker.plugBridged();
    await vehicle.send(connect('v'));
    const sent = (packetId: number, payload: string, messageExpiryInterval: number) =>
      publish(qos === 0 ? 0 : packetId, payload, { qos, properties: { messageExpiryInterval } });
    await whileTheLogStalls(() => vehicle.send(sent(1, 'over', 3), sent(2, 'left', 10)));
    expect(messages(to)).toMatchObject([{ payload: Buffer.from('left'), qos, properties: { messageExpiryInterval: 6 } }]);
  });

  test('if it is a will, from when that is published [MQTT-3.3.2-6]', async () => {
    const to = await reader();
    const vehicle = world.broker.plugBridged();
    const will = { topic: 't', payload: Buffer.from('gone'), qos: 1, retain: false, properties: { messageExpiryInterval: 10 } } as const;
    await vehicle.send(connect('v', { will, properties: {} }));
    await pass(60);
    await whileTheLogStalls(() => vehicle.socket.destroy());
    expect(messages(to)).toMatchObject([{ payload: Buffer.from('gone'), properties: { messageExpiryInterval: 6 } }]);
  });
});
