import { topics } from '@milepost/contracts';
import type { RecordToAppend } from '@milepost/kafka';
import type { Packet, Publish } from '@milepost/mqtt';
import { describe, expect, test } from 'vitest';
import { ack, type BrokerLife, connected, publish, subscribe } from '../../broker-life.fixture.js';
import { brokerWorld } from '../../broker-world.fixture.js';
import { type FakeClient, settled } from '../../connections/fake-socket.fixture.js';
import { holdBack } from '../../log/log.fixture.js';
import { RETAINED_PER_TURN } from '../subscribers/hand-out-turns.js';

const world = brokerWorld({ limits: { maxQueuedMessages: 8, maxQueuedBytes: 1_000_000 } });

/** With two in flight and a quarter of its queue full, four of ten topics are on record. */
const SLOW = { properties: { sessionExpiryInterval: 600, receiveMaximum: 2 } };
const TOPICS = Array.from({ length: 10 }, (_, index) => `r/${index}`);
const ON_RECORD = 4;

/** Of QoS 1 and 2 in turn. */
async function retainAll(): Promise<void> {
  const publisher = await connected(world, 'p', { cleanStart: true, properties: {} });
  for (const [index, topic] of TOPICS.entries())
    await publisher.send(publish(index + 1, topic, { topic, qos: index % 2 === 0 ? 1 : 2, retain: true }));
}

/** Acknowledges what comes until nothing comes any more. @returns the topics of what has a payload, sorted. */
async function takeAll(client: FakeClient): Promise<string[]> {
  const came: Publish[] = [];
  for (let heard = client.heard(); heard.length > 0; heard = client.heard()) {
    for (const packet of heard) {
      if (typeof packet !== 'object') continue;
      if (packet.type === 'publish') came.push(packet);
      await client.send(...answersTo(packet));
    }
  }
  return came.flatMap(({ topic, payload }) => (payload.length > 0 ? [topic] : [])).toSorted();
}

function answersTo(packet: Packet): Packet[] {
  if (packet.type === 'pubrel') return [ack('pubcomp', packet.packetId)];
  if (packet.type !== 'publish' || packet.qos === 0) return [];
  return [ack(packet.qos === 1 ? 'puback' : 'pubrec', packet.packetId)];
}

const isOfConnected = (claim: Buffer | null) => claim !== null && JSON.parse(String(claim)).disconnectedAt === undefined;

/** What the client of the kept session gets when it is back. */
const takenIn = async (life: Pick<BrokerLife, 'plug'>) => takeAll(await connected(life, 'c', SLOW));

/** Its hand-out waits, and it has acknowledged nothing. */
async function subscribed(): Promise<FakeClient> {
  await retainAll();
  const client = await connected(world, 'c', SLOW);
  await client.send(subscribe('r/#'));
  return client;
}

/** Kinds of the records of sessions since there were so many records, with what they say of hand-outs. */
const sessionRecords = (since: number) =>
  world.log.records.slice(since).flatMap(({ topic, value }) => {
    if (topic !== topics.mqttSessions || value === null) return [];
    const { kind, subscriptions = [], handingOut = [] } = JSON.parse(String(value));
    return [`${kind} ${subscriptions.filter(({ handOut }: { handOut?: string }) => handOut !== undefined).length + handingOut.length}`];
  });

describe('when the broker is killed, what topics retain and waits for room', () => {
  test('what waits is handed out by the next life of the broker, wherever the log is cut after SUBACK, and what was on record comes once [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]', async () => {
    await retainAll();
    const client = await connected(world, 'c', SLOW);
    const before = world.log.records.length;
    await client.send(subscribe('r/#'));
    expect(client.heard()).toMatchObject([{ type: 'connack' }, { type: 'suback' }, { type: 'publish' }, { type: 'publish' }]);
    const claimed = world.log.records.findIndex(({ topic }, index) => index >= before && topic === topics.mqttSessions);
    for await (const { cut, next } of world.nextLivesSince(claimed + 1)) expect(await takenIn(next), `cut at ${cut}`).toEqual(TOPICS);
  });

  test('what waits, and what was not acknowledged, is there in the next life, however much the client had taken', async () => {
    const client = await subscribed();
    const acknowledged = new Set<string>();
    for (let round = 0; round < TOPICS.length; round++) {
      for (const packet of client.heard()) {
        if (typeof packet !== 'object' || packet.type !== 'publish') continue;
        acknowledged.add(packet.topic);
        await client.send(...answersTo(packet));
        if (packet.qos === 2) await client.send(ack('pubcomp', packet.packetId));
      }
      const next = new Set(await takenIn(await world.nextLife()));
      expect([...new Set([...next, ...acknowledged])].toSorted()).toEqual(TOPICS);
    }
    expect(acknowledged.size).toBe(TOPICS.length);
    expect(await takenIn(await world.nextLife())).toEqual([]);
  });

  test('what waits is handed out though the next life is killed as well, and its client was away', async () => {
    (await subscribed()).socket.destroy();
    await settled();
    for (let kill = 0; kill < 2; kill++) {
      await world.restart();
      (await connected(world, 'c', SLOW)).socket.destroy();
      await settled();
    }
    await world.restart();
    const client = await connected(world, 'c', SLOW);
    expect(await takeAll(client)).toEqual(TOPICS);
    expect(await takenIn(await world.nextLife())).toEqual([]);
    client.socket.destroy();
    await settled();
    expect(await takenIn(await world.nextLife())).toEqual([]);
  });

  test('what waits is not handed out where its topic does not retain it any more', async () => {
    await subscribed();
    await world.restart();
    const publisher = await connected(world, 'p', { cleanStart: true, properties: {} });
    for (const [index, topic] of TOPICS.entries()) await publisher.send(publish(index + 1, '', { topic, retain: true }));
    expect(await takenIn(world)).toHaveLength(ON_RECORD);
    expect(await takenIn(await world.nextLife())).toEqual([]);
  });

  test('nothing that waits is handed out after UNSUBSCRIBE, in the next life neither [MQTT-3.10.4-2]', async () => {
    const client = await subscribed();
    await client.send({ type: 'unsubscribe', packetId: 2, filters: ['r/#'], properties: {} });
    expect(await takenIn(await world.nextLife())).toHaveLength(ON_RECORD);
  });

  test('what waits begins anew with another SUBSCRIBE', async () => {
    const client = await subscribed();
    await client.send(subscribe('r/#'));
    const came = await takenIn(await world.nextLife());
    expect([came.length, [...new Set(came)]]).toEqual([ON_RECORD + TOPICS.length, TOPICS]);
  });

  test.each([1, 2] as const)(
    'what waits is not lost to another SUBSCRIBE with Retain Handling %s, in the next life neither [MQTT-3.8.4-4]',
    async (retainHandling) => {
      const client = await subscribed();
      const { subscriptions, ...packet } = subscribe('r/#');
      await client.send({ ...packet, subscriptions: subscriptions.map((each) => ({ ...each, retainHandling })) });
      expect(await takenIn(await world.nextLife())).toEqual(TOPICS);
    },
  );

  describe('what waits is not lost to another SUBSCRIBE whose record is not there yet', () => {
    /** Of its claims so many are stored, and no more. */
    function holdClaimsBehind(count: number): void {
      let claims = 0;
      holdBack(world.log, (record) => isOf('session', record) && ++claims > count);
    }

    const isOf = (kind: string, { topic, key }: RecordToAppend) => topic === topics.mqttSessions && key?.startsWith(`${kind}:`) === true;

    /** Its window is full, and its next acknowledgements are written in `outbound`. */
    async function withTwoInFlight(): Promise<FakeClient> {
      await retainAll();
      const client = await connected(world, 'c', SLOW);
      await client.send(subscribe('t'));
      await (await connected(world, 'p', { cleanStart: true, properties: {} })).send(publish(1, 'live'), publish(2, 'live'));
      client.heard();
      return client;
    }

    test('though its client takes some of it meanwhile [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]', async () => {
      const client = await subscribed();
      holdClaimsBehind(0);
      await client.send(subscribe('r/#'));
      const taken = await takeAll(client);
      expect([taken.length, client.heard()]).toEqual([ON_RECORD, []]);
      expect([...new Set([...(await takenIn(await world.nextLife())), ...taken])].toSorted()).toEqual(TOPICS);
    });

    test('and came with the first, which has its SUBACK [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]', async () => {
      const client = await withTwoInFlight();
      holdClaimsBehind(1);
      await client.send(subscribe('r/#'), { ...subscribe('r/#'), packetId: 2 }, ack('puback', 1));
      expect(client.heard()).toMatchObject([{ type: 'suback', packetId: 1 }]);
      await client.send(ack('puback', 2));
      expect(await takenIn(await world.nextLife())).toEqual(TOPICS);
    });

    test('though all of it had room, and was on its way to its record [MQTT-3.3.1-9, v3 MQTT-3.3.1-6]', async () => {
      const client = await withTwoInFlight();
      const letGo = holdBack(world.log, ({ topic, value }) => topic === topics.mqttMessages && value !== null);
      await client.send(subscribe('r/0'));
      expect(client.heard()).toMatchObject([{ type: 'suback' }]);
      holdClaimsBehind(0);
      await client.send(subscribe('r/0'));
      letGo();
      await settled();
      await client.send(ack('puback', 1), ack('puback', 2));
      expect(client.heard()).toEqual([]);
      expect(await takenIn(await world.nextLife())).toEqual(['r/0']);
    });

    test('though its connection ends before the first is on record: made again it is not new', async () => {
      const client = await withTwoInFlight();
      let claims = 0;
      const letClaimGo = holdBack(world.log, (record) => isOf('session', record) && claims === 1);
      holdBack(world.log, (record) => isOf('session', record) && ++claims > 1);
      const letOutboundGo = holdBack(world.log, (record) => isOf('outbound', record));
      await client.send(subscribe('r/#'), subscribe('r/#'), ack('puback', 1), ack('puback', 2));
      client.socket.destroy();
      await settled();
      letOutboundGo();
      await settled();
      letClaimGo();
      await settled();
      expect([...new Set(await takenIn(await world.nextLife()))]).toEqual(TOPICS);
    });
  });

  test('what waits goes with its session: a clean start gets none of it [MQTT-3.1.2-4]', async () => {
    await subscribed();
    await world.restart();
    const client = await connected(world, 'c', { ...SLOW, cleanStart: true });
    expect(await takeAll(client)).toEqual([]);
    expect(await takenIn(await world.nextLife())).toEqual([]);
  });

  test('a hand-out that is over while a clean start takes the place of its session does not write that anew [MQTT-3.1.2-4]', async () => {
    await retainAll();
    const isOfMessage = ({ topic, value }: RecordToAppend) => topic === topics.mqttMessages && value !== null;
    const letMessagesGo = holdBack(world.log, isOfMessage);
    await (await connected(world, 'c', SLOW)).send(subscribe('r/0'));
    const letClaimGo = holdBack(world.log, ({ key, value }) => key?.startsWith('session:') === true && isOfConnected(value));
    const client = await connected(world, 'c', { ...SLOW, cleanStart: true });
    world.log.refuses = isOfMessage;
    letMessagesGo();
    await settled();
    letClaimGo();
    await settled();
    expect(client.heard()).toMatchObject([{ type: 'connack', sessionPresent: false }]);
    // The session before had one.
    expect((await world.nextLife()).delivery.subscriptionCount).toBe(0);
  });

  test('what is of QoS 0 was lost with the connection', async () => {
    const publisher = await connected(world, 'p', { cleanStart: true, properties: {} });
    await publisher.send(publish(0, 'x', { topic: 'r/qos0', qos: 0, retain: true }));
    await subscribed();
    const came = await takenIn(await world.nextLife());
    expect(came).toEqual(TOPICS);
  });
});

describe('on record', () => {
  test('a hand-out for which there is room costs no record of its own', async () => {
    const publisher = await connected(world, 'p', { cleanStart: true, properties: {} });
    for (const topic of ['a', 'b']) await publisher.send(publish(1, topic, { topic, retain: true }));
    const client = await connected(world, 'c', SLOW);
    const before = world.log.records.length;
    await client.send(subscribe('+'));
    expect(sessionRecords(before)).toEqual(['session 1', 'outbound 1', 'outbound 0']);
    expect(await takenIn(await world.nextLife())).toEqual(['a', 'b']);
  });

  test('nothing is said where nothing is to be on record: no such topic, or QoS 0', async () => {
    const publisher = await connected(world, 'p', { cleanStart: true, properties: {} });
    await publisher.send(publish(0, 'x', { topic: 'a', qos: 0, retain: true }), publish(1, 'x', { topic: 'b', retain: true }));
    const client = await connected(world, 'c', SLOW);
    const before = world.log.records.length;
    await client.send(subscribe('a'), subscribe('b', 0), subscribe('c'));
    expect(new Set(sessionRecords(before))).toEqual(new Set(['session 0']));
  });

  test('nothing is said of a subscription of QoS 0, however much its topics retain', async () => {
    const publisher = await connected(world, 'p', { cleanStart: true, properties: {} });
    const topic = (index: number) => ({ topic: `r/${index}`, retain: true });
    for (let sent = 0; sent < RETAINED_PER_TURN; sent += 20)
      await publisher.send(...Array.from({ length: 20 }, (_, index) => publish(index + 1, 'x', topic(sent + index))));
    const client = await connected(world, 'c');
    const before = world.log.records.length;
    await client.send(subscribe('r/#', 0));
    expect(sessionRecords(before)).toEqual(['session 0']);
  });

  test('a hand-out of which nothing is left to be acknowledged is over there with one record', async () => {
    const publisher = await connected(world, 'p', { cleanStart: true, properties: {} });
    await publisher.send(publish(1, 'x', { topic: 'a', retain: true }));
    const client = await connected(world, 'c', SLOW);
    const before = world.log.records.length;
    world.log.refuses = ({ topic }) => topic === topics.mqttMessages;
    await client.send(subscribe('a'));
    expect(sessionRecords(before)).toEqual(['session 1', 'session 0']);
    expect(await takenIn(await world.nextLife())).toEqual([]);
  });
});
