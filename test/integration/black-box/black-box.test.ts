import { useTestScope } from '@milepost/test-support';
import type { IClientOptions } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { BrokerProcess } from '../../fuzz/broker-process.js';
import { breakOff, type Client, connectTo, ownClientId, ownTopic } from './clients.js';
import { conformanceDoors, type Door, type DoorName, doorNames, installedDoors, openDoors } from './doors.js';

const AT_A_TIME = 20;
const scope = useTestScope();
let doors: Record<DoorName, Door>;

beforeAll(async () => {
  doors = await openDoors(scope);
});

/** No more at a time than the least Receive Maximum of the doors: the client does not count. */
async function publishAll({ mqtt }: Client, topic: string, all: readonly string[]): Promise<void> {
  for (let at = 0; at < all.length; at += AT_A_TIME) {
    await Promise.all(all.slice(at, at + AT_A_TIME).map((text) => mqtt.publishAsync(topic, text, { qos: 1 })));
  }
}

const texts = ({ received }: Client) => received.map(({ text }) => text);

describe.each(doorNames)('the npm client mqtt, over %s,', (name) => {
  describe.each([4, 5] as const)('at level %d', (protocolVersion) => {
    const come = (options: IClientOptions = {}) => connectTo(scope, doors[name], { protocolVersion, ...options });
    /** As a session that outlives its connection is asked for, in each version. */
    const kept = (clientId: string): IClientOptions => ({
      clientId,
      clean: false,
      ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 3_600 } }),
    });

    test.each([
      [0, 2, 0],
      [1, 2, 1],
      [2, 2, 2],
      [2, 1, 1],
      [2, 0, 0],
    ] as const)(
      'is delivered what was published with QoS %d and subscribed to with %d, with QoS %d',
      async (published, subscribed, delivered) => {
        const [publisher, subscriber, topic] = [await come(), await come(), ownTopic()];
        await subscriber.mqtt.subscribeAsync(`${topic}/+`, { qos: subscribed });
        await publisher.mqtt.publishAsync(`${topic}/a`, 'hello', { qos: published });
        await expect.poll(() => subscriber.received).toMatchObject([{ topic: `${topic}/a`, text: 'hello', qos: delivered, retain: false }]);
      },
    );

    test('keeps the order of a thousand messages, and the bytes of a large one', async () => {
      const [publisher, subscriber, topic] = [await come(), await come(), ownTopic()];
      await subscriber.mqtt.subscribeAsync(topic, { qos: 1 });
      const sent = Array.from({ length: 1_000 }, (_, index) => String(index));
      await publishAll(publisher, topic, sent);
      const large = 'ä€😀'.repeat(10_000);
      await publisher.mqtt.publishAsync(topic, large, { qos: 1 });
      await expect.poll(() => subscriber.received.length, { timeout: 20_000 }).toBe(1_001);
      expect(texts(subscriber)).toEqual([...sent, large]);
    });

    test('is handed the retained message once it subscribes, until it is cleared', async () => {
      const [publisher, topic] = [await come(), ownTopic()];
      await publisher.mqtt.publishAsync(topic, 'first', { qos: 1, retain: true });
      await publisher.mqtt.publishAsync(topic, 'last', { qos: 1, retain: true });
      const subscriber = await come();
      await subscriber.mqtt.subscribeAsync(`${topic}/#`, { qos: 1 });
      await expect.poll(() => subscriber.received).toMatchObject([{ text: 'last', retain: true }]);
      await publisher.mqtt.publishAsync(topic, '', { qos: 1, retain: true });
      const late = await come();
      await late.mqtt.subscribeAsync([topic, `${topic}/mark`], { qos: 1 });
      await publisher.mqtt.publishAsync(`${topic}/mark`, 'mark', { qos: 1 });
      await expect.poll(() => texts(late)).toEqual(['mark']);
    });

    test.each([1, 2] as const)('finds its session again, and what came with QoS %d while it was away, in order', async (qos) => {
      const [publisher, topic, clientId] = [await come(), ownTopic(), ownClientId()];
      const first = await come(kept(clientId));
      expect(first.sessionPresent).toBe(false);
      await first.mqtt.subscribeAsync(topic, { qos: 2 });
      breakOff(first);
      await first.ended;
      const sent = ['a', 'b', 'c', 'd'];
      for (const text of sent) await publisher.mqtt.publishAsync(topic, text, { qos });
      const second = await come(kept(clientId));
      expect(second.sessionPresent).toBe(true);
      await expect.poll(() => texts(second)).toEqual(sent);
      await second.mqtt.endAsync();
      const clean = await come({ clientId, clean: true });
      expect(clean.sessionPresent).toBe(false);
    });

    test('has its will published when it breaks off, and not when it says goodbye', async () => {
      const [subscriber, topic] = [await come(), ownTopic()];
      await subscriber.mqtt.subscribeAsync(`${topic}/#`, { qos: 1 });
      const withWill = (text: string) => come({ will: { topic: `${topic}/will`, payload: Buffer.from(text), qos: 1, retain: false } });
      await (await withWill('never')).mqtt.endAsync();
      breakOff(await withWill('broken off'));
      await expect.poll(() => texts(subscriber)).toEqual(['broken off']);
    });

    test('gives way to a newer connection of the same client id', async () => {
      const clientId = ownClientId();
      const older = await come({ clientId });
      const newer = await come({ clientId });
      expect(await older.ended).toBe(protocolVersion === 5 ? 0x8e : 'closed');
      expect(newer.mqtt.connected).toBe(true);
    });

    test('gets nothing more after UNSUBSCRIBE', async () => {
      const [client, topic] = [await come(), ownTopic()];
      await client.mqtt.subscribeAsync([`${topic}/a`, `${topic}/b`], { qos: 1 });
      await client.mqtt.unsubscribeAsync(`${topic}/a`);
      await client.mqtt.publishAsync(`${topic}/a`, 'a', { qos: 1 });
      await client.mqtt.publishAsync(`${topic}/b`, 'b', { qos: 1 });
      await expect.poll(() => texts(client)).toEqual(['b']);
    });
  });

  describe('at level 5', () => {
    const come = (options: IClientOptions = {}) => connectTo(scope, doors[name], { protocolVersion: 5, ...options });

    test('is handed every property as it was sent, and its subscription identifier', async () => {
      const [publisher, subscriber, topic] = [await come(), await come(), ownTopic()];
      await subscriber.mqtt.subscribeAsync(topic, { qos: 1, properties: { subscriptionIdentifier: 42 } });
      const properties = {
        payloadFormatIndicator: true,
        messageExpiryInterval: 3_600,
        contentType: 'text/plain',
        responseTopic: `${topic}/answer`,
        correlationData: Buffer.from([1, 2, 3]),
        userProperties: { unit: 'km', road: 'A 7' },
      };
      await publisher.mqtt.publishAsync(topic, 'question', { qos: 1, properties });
      await expect.poll(() => subscriber.received.length).toBe(1);
      const { messageExpiryInterval = 0, ...rest } = subscriber.received[0]?.properties ?? {};
      const { messageExpiryInterval: sentExpiry, ...sent } = properties;
      expect(rest).toMatchObject({ ...sent, subscriptionIdentifier: 42 });
      expect(messageExpiryInterval).toBeLessThanOrEqual(sentExpiry);
      expect(messageExpiryInterval).toBeGreaterThan(sentExpiry - 60);
    });

    test('of a shared subscription, each message goes to one member', async () => {
      const [publisher, first, second, topic] = [await come(), await come(), await come(), ownTopic()];
      for (const member of [first, second]) await member.mqtt.subscribeAsync(`$share/group/${topic}`, { qos: 1 });
      const sent = Array.from({ length: 100 }, (_, index) => String(index));
      await publishAll(publisher, topic, sent);
      await expect.poll(() => first.received.length + second.received.length).toBe(sent.length);
      expect([...texts(first), ...texts(second)].sort()).toEqual([...sent].sort());
      expect(Math.min(first.received.length, second.received.length)).toBeGreaterThan(0);
    });

    test('does not hear itself with No Local, and sees the retain flag as published when it asks', async () => {
      const [client, other, topic] = [await come(), await come(), ownTopic()];
      await client.mqtt.subscribeAsync(topic, { qos: 1, nl: true, rap: true });
      await client.mqtt.publishAsync(topic, 'own', { qos: 1 });
      await other.mqtt.publishAsync(topic, 'of another', { qos: 1, retain: true });
      await expect.poll(() => client.received).toMatchObject([{ text: 'of another', retain: true }]);
    });
  });
});

describe('what the ACL file of the installed broker does not grant', () => {
  test.each(installedDoors)('is refused with 0x87 over %s, and the connection stays', async (transport) => {
    const client = await connectTo(scope, doors[`${transport} of a broker with Kafka`], { protocolVersion: 5 });
    await expect(client.mqtt.publishAsync('elsewhere', 'x', { qos: 1 })).rejects.toMatchObject({ code: 0x87 });
    await expect(client.mqtt.subscribeAsync('elsewhere/#', { qos: 1 })).rejects.toThrow(/Not authorized|135/);
    const topic = ownTopic();
    await client.mqtt.subscribeAsync(topic, { qos: 1 });
    await client.mqtt.publishAsync(topic, 'granted', { qos: 1 });
    await expect.poll(() => texts(client)).toEqual(['granted']);
  });
});

test.each(conformanceDoors)('the conformance broker grants each of 500 filters of one SUBSCRIBE over %s', async (transport) => {
  const client = await connectTo(scope, doors[`${transport} of the conformance broker`], { protocolVersion: 5 });
  const topic = ownTopic();
  const filters = Array.from({ length: 500 }, (_, index) => `${topic}/${index}`);
  const granted = await client.mqtt.subscribeAsync(filters, { qos: 1 });
  expect(granted.map(({ qos }) => qos)).toEqual(filters.map(() => 1));
});

test.each(conformanceDoors)(
  'the conformance broker lets one client id in as often as it comes, over %s [MQTT-3.1.4-3]',
  async (transport) => {
    const clientId = ownClientId();
    const door = doors[`${transport} of the conformance broker`];
    for (let connection = 0; connection < 12; connection++) {
      const { mqtt } = await connectTo(scope, door, { protocolVersion: 5, clientId });
      expect(mqtt.connected).toBe(true);
    }
  },
);

test.each([
  [5, 0x8b],
  [4, 'closed'],
] as const)('the conformance broker says goodbye when it stops, at level %d', async (protocolVersion, ending) => {
  const broker = await BrokerProcess.start();
  scope.onEnd(() => broker.stop());
  const client = await connectTo(scope, { transport: 'tcp', port: broker.port }, { protocolVersion });
  await broker.stop();
  expect(await client.ended).toBe(ending);
});
