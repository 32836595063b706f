import { topics } from '@milepost/contracts';
import { readTopic, type TestApp, type TestPki, type TestTopics, type TopicReader, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectVehicle, endOf, publishCode } from './vehicle.js';

describe('what a vehicle publishes', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let kafka: TestTopics;
  let broker: TestApp;
  let port: number;
  let locations: TopicReader;

  beforeAll(async () => {
    [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    broker = await scope.app('broker', { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', NODE_ID: 'node-a' });
    port = Number((await broker.waitForLog('broker.listening')).port);
    locations = await readTopic(scope, kafka, topics.location);
  });

  const vehicle = async (id: string, options = {}) =>
    connectVehicle({ port, caPem: pki.caPem, certificate: await pki.issue(id, { organisation: 'acme' }), ...options });

  test('is in Kafka byte for byte, with its headers, when PUBACK comes [MQTT-4.2.0-1, MQTT-7.1.1-1, v3 MQTT-7.1.1-1]', async () => {
    const client = await vehicle('truck-1');
    const before = Date.now();
    await client.publishAsync('fleet/truck-1/location', '{"a": 1 }', {
      qos: 1,
      properties: {
        contentType: 'application/json',
        userProperties: {
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          'content-encoding': 'identity',
          other: 'x',
        },
      },
    });
    await locations.until((all) => all.length === 1, 'truck-1');
    const [record] = locations.records.filter(({ key }) => key === 'truck-1');
    expect(String(record?.value)).toBe('{"a": 1 }');
    expect(Object.fromEntries(Object.entries(record?.headers ?? {}).map(([name, value]) => [name, String(value)]))).toEqual({
      organisation: 'acme',
      'content-type': 'application/json',
      'content-encoding': 'identity',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(record?.timestampMs).toBeGreaterThanOrEqual(before);
    await client.endAsync();
  });

  test('is stored once with QoS 2, in both protocol versions', async () => {
    const five = await vehicle('truck-2');
    expect(await publishCode(five, 'fleet/truck-2/location', '{"n":5}', 2)).toBe(0);
    await five.endAsync();
    const four = await vehicle('truck-2', { protocolVersion: 4 });
    expect(await publishCode(four, 'fleet/truck-2/location', '{"n":4}', 2)).toBe(0);
    await four.endAsync();
    expect(await locations.until<{ n: number }>((all) => all.length >= 2, 'truck-2')).toEqual([{ n: 5 }, { n: 4 }]);
  });

  test('is stored and acknowledged in the order in which it was sent', async () => {
    // 3.1.1 knows no Receive Maximum: the broker stops to read, and nothing is lost.
    const client = await vehicle('truck-3', { protocolVersion: 4 });
    const acked: number[] = [];
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback') acked.push(packet.messageId ?? 0);
    });
    const sent: number[] = [];
    client.on('packetsend', (packet) => {
      if (packet.cmd === 'publish') sent.push(packet.messageId ?? 0);
    });
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => client.publishAsync('fleet/truck-3/location', JSON.stringify({ n }), { qos: 1 })),
    );
    expect(acked).toEqual(sent);
    const values = await locations.until<{ n: number }>((all) => all.length === 200, 'truck-3');
    expect(values.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    await client.endAsync();
  });

  test('is more than the Receive Maximum allows: MQTT 5 is told so with 0x93', async () => {
    const client = await vehicle('truck-3b');
    const ended = endOf(client);
    for (let n = 0; n < 40; n++) client.publish('fleet/truck-3b/location', '{}', { qos: 1 }, () => undefined);
    expect(await ended).toBe(0x93);
  });

  test("is refused on another vehicle's topic: 0x87 in MQTT 5, which goes on, a closed connection in 3.1.1", async () => {
    const five = await vehicle('truck-4');
    expect(await publishCode(five, 'fleet/truck-1/location', '{}')).toBe(0x87);
    expect(await publishCode(five, 'fleet/truck-4/commands/results', '{}')).toBe(0x87);
    expect(await publishCode(five, 'fleet/truck-4/location', '{"n":1}')).toBe(0);
    await five.endAsync();
    const four = await vehicle('truck-4', { protocolVersion: 4 });
    four.publish('fleet/truck-1/location', '{}', { qos: 1 });
    expect(await endOf(four)).toBe('closed');
    expect(await locations.until((all) => all.length >= 1, 'truck-4')).toEqual([{ n: 1 }]);
  });

  test('of QoS 0 is bridged as well', async () => {
    const client = await vehicle('truck-5');
    await client.publishAsync('fleet/truck-5/location', '{"n":0}', { qos: 0 });
    await locations.until((all) => all.length === 1, 'truck-5');
    await client.endAsync();
  });

  test('goes to the topic of its kind', async () => {
    const client = await vehicle('truck-6');
    await client.publishAsync('fleet/truck-6/diagnostics', '{"d":1}', { qos: 1 });
    await client.publishAsync('fleet/truck-6/status', '{"status":"online"}', { qos: 1, retain: true });
    const [diagnostics, status] = await Promise.all([readTopic(scope, kafka, topics.diagnostics), readTopic(scope, kafka, topics.status)]);
    await diagnostics.until((all) => all.length === 1, 'truck-6');
    await status.until((all) => all.length === 1, 'truck-6');
    await client.endAsync();
  });

  test('a vehicle may subscribe to its own commands and configuration, and to nothing else', async () => {
    const client = await vehicle('truck-7');
    const granted = await client
      .subscribeAsync({
        'fleet/truck-7/commands/#': { qos: 1 },
        'fleet/truck-7/config/#': { qos: 1 },
        'fleet/truck-1/commands/#': { qos: 1 },
        '#': { qos: 1 },
      })
      .catch((error: Error & { packet?: { granted: number[] } }) => error);
    const codes = granted instanceof Error ? (granted.packet?.granted ?? []) : granted.map(({ qos }) => qos as number);
    expect(codes).toEqual([1, 1, 0x87, 0x87]);
    await client.endAsync();
  });

  test('is counted', async () => {
    expect(await broker.metric('milepost_broker_packets_total', { type: 'publish', direction: 'in' })).toBeGreaterThan(200);
    expect(await broker.metric('milepost_broker_publish_ack_seconds_count')).toBeGreaterThan(200);
    expect(await broker.metric('milepost_broker_refused_publishes_total', { reason: 'NotAuthorized' })).toBeGreaterThanOrEqual(3);
  });
});
