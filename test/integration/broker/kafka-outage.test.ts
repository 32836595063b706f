import { type Connected, type PresenceRecord, topics } from '@milepost/contracts';
import { eventually, type OwnKafka, readTopic, type TestApp, type TestPki, type TestTopics, useTestScope } from '@milepost/test-support';
import type { MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectVehicle, outcomeOf, vehicleClient } from './vehicle.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('while Kafka is away', () => {
  const scope = useTestScope();
  let own: OwnKafka;
  let pki: TestPki;
  let kafka: TestTopics;
  let broker: TestApp;
  let port: number;

  beforeAll(async () => {
    [own, pki] = await Promise.all([scope.ownKafka(), scope.pki()]);
    kafka = await scope.topics({ brokers: own.brokers });
    broker = await scope.app('broker', { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: 'node-o' });
    port = Number((await broker.waitForLog('broker.listening')).port);
  });

  test('nothing is acknowledged, nobody is thrown out, nothing is lost; then all is acknowledged, in order', async () => {
    const acked: number[] = [];
    let acks = 0;
    let acksWhileAway = 0;
    const five = await connectVehicle({ port, caPem: pki.caPem, certificate: await pki.issue('ship-5'), keepalive: 3 });
    const four = await connectVehicle({ port, caPem: pki.caPem, certificate: await pki.issue('ship-4'), protocolVersion: 4, keepalive: 0 });
    const publish = (client: MqttClient, id: string, n: number) =>
      client.publishAsync(`fleet/${id}/location`, JSON.stringify({ n }), { qos: 1 }).then(() => {
        acks += 1;
        if (id === 'ship-5') acked.push(n);
      });
    const connectedBefore = five.connected && four.connected;
    own.freeze();
    await pause(500);
    const sent: Promise<void>[] = [];
    for (let n = 0; n < 30; n++) sent.push(publish(five, 'ship-5', n));
    // Three times what is read of a 3.1.1 client at a time.
    for (let n = 0; n < 100; n++) sent.push(publish(four, 'ship-4', n));
    await pause(9_000);
    acksWhileAway = acks;
    const refused = await outcomeOf(vehicleClient({ port, caPem: pki.caPem, certificate: await pki.issue('ship-6') }));
    const answerAge = await broker.metric('milepost_broker_kafka_answer_age_seconds');
    const ready = await broker.ready();
    own.thaw();
    await Promise.all(sent);

    expect(connectedBefore).toBe(true);
    expect(acksWhileAway).toBe(0);
    expect(refused).toBe(0x88);
    expect(answerAge).toBeGreaterThan(5);
    expect(ready).toBe(true);
    expect(five.connected && four.connected).toBe(true);
    expect(acked).toEqual(Array.from({ length: 30 }, (_, n) => n));
    const locations = await readTopic(scope, kafka, topics.location);
    const firstCopies = async (id: string, count: number) => {
      const all = await locations.until<{ n: number }>((values) => new Set(values.map(({ n }) => n)).size === count, id);
      return [...new Set(all.map(({ n }) => n))];
    };
    expect(await firstCopies('ship-5', 30)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(await firstCopies('ship-4', 100)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test('leases run out: afterwards the node takes a new epoch and announces its connections again, before its first lease', async () => {
    const presence = await readTopic(scope, kafka, topics.presence);
    const records = await presence.until<PresenceRecord>(
      (all) => all.some((record) => record.kind === 'connected' && record.resumed),
      'ship-5',
    );
    const [first, resumed] = records.filter((record): record is Connected => record.kind === 'connected');
    expect(resumed).toMatchObject({ connectedAt: first?.connectedAt, resumed: true, node: 'node-o' });
    expect(resumed?.connectionId).not.toBe(first?.connectionId);
    expect(resumed?.epoch).toBeGreaterThan(first?.epoch ?? 0);
    const { partition } = presence.records.find(({ key }) => key === 'ship-5') ?? {};
    const inPartition = await eventually(() => {
      const all = presence.records
        .filter((record) => record.partition === partition)
        .map(({ value }) => JSON.parse(String(value)) as PresenceRecord);
      if (!all.some((record) => record.kind === 'lease' && record.epoch === resumed?.epoch))
        throw new Error('no lease of the new epoch yet');
      return all;
    });
    const firstLease = inPartition.findIndex((record) => record.kind === 'lease' && record.epoch === resumed?.epoch);
    const announcement = inPartition.findIndex((record) => record.kind === 'connected' && record.connectionId === resumed?.connectionId);
    expect(announcement).toBeLessThan(firstLease);
  });

  test('SIGTERM ends the broker within ten seconds; what has no place in Kafka is not acknowledged', async () => {
    const client = await connectVehicle({ port, caPem: pki.caPem, certificate: await pki.issue('ship-8') });
    let acked = false;
    own.freeze();
    await pause(500);
    client.publish('fleet/ship-8/location', '{}', { qos: 1 }, (error) => {
      acked = error === undefined || error === null;
    });
    await pause(200);
    const startedAt = Date.now();
    const code = await broker.stop();
    own.thaw();
    expect(Date.now() - startedAt).toBeLessThan(10_500);
    expect(code).toBe(0);
    expect(acked).toBe(false);
  });

  test('a broker that starts waits for it: who comes then would not find its session', async () => {
    own.freeze();
    const late = await scope.app(
      'broker',
      { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: 'node-o' },
      { waitUntilReady: false },
    );
    await late.waitForLog('broker.presence.unknown', 20_000);
    expect(await late.ready()).toBe(false);
    expect(late.logs.some(({ event }) => event === 'broker.listening')).toBe(false);
    own.thaw();
    const latePort = Number((await late.waitForLog('broker.listening', 60_000)).port);
    const client = await connectVehicle({ port: latePort, caPem: pki.caPem, certificate: await pki.issue('ship-7') });
    await client.endAsync();
  });
});
