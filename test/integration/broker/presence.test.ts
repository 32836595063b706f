import { type Connected, type Disconnected, type PresenceRecord, topics, type WillPublished } from '@milepost/contracts';
import { headerText } from '@milepost/kafka';
import { eventually, readTopic, type TestApp, type TestPki, type TestTopics, type TopicReader, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectVehicle, cut, endOf, outcomeOf, vehicleClient } from './vehicle.js';

const kinds = (records: PresenceRecord[]) => records.map((record) => (record.kind === 'disconnected' ? record.cause : record.kind));

describe('what is on record about connections', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let kafka: TestTopics;
  let broker: TestApp;
  let port: number;
  let presence: TopicReader;
  const environment = () => ({ ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0' });

  beforeAll(async () => {
    [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    broker = await scope.app('broker', { ...environment(), NODE_ID: 'node-p' });
    port = Number((await broker.waitForLog('broker.listening')).port);
    presence = await readTopic(scope, kafka, topics.presence);
  });

  const options = async (id: string, more = {}) => ({ port, caPem: pki.caPem, certificate: await pki.issue(id), ...more });
  const history = (id: string, length: number) => presence.until<PresenceRecord>((all) => all.length >= length, id);

  test('`connected` is in the log before CONNACK, with the facts of the connection', async () => {
    const client = await connectVehicle(
      await options('bus-1', {
        keepalive: 42,
        properties: { sessionExpiryInterval: 600 },
        will: { topic: 'fleet/bus-1/status', payload: Buffer.from('x'), qos: 1, retain: true, properties: { willDelayInterval: 7 } },
      }),
    );
    const [record] = (await history('bus-1', 1)) as [Connected];
    expect(record).toMatchObject({
      kind: 'connected',
      node: 'node-p',
      vehicleId: 'bus-1',
      organisation: 'default',
      resumed: false,
      protocolVersion: 5,
      keepAliveSeconds: 42,
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
      certificate: { issuer: expect.stringContaining('CN='), serial: expect.any(String), notAfter: expect.any(String) },
      will: { topic: 'fleet/bus-1/status', payloadBase64: 'eA==', qos: 1, retain: true, delaySeconds: 7 },
    });
    const [raw] = presence.records.filter(({ key }) => key === 'bus-1');
    expect(raw && headerText(raw, 'ce_type')).toBe('milepost.presence.connected.v1');
    await client.endAsync();
    const [, left] = (await history('bus-1', 2)) as [Connected, Disconnected];
    expect(left).toMatchObject({ kind: 'disconnected', cause: 'client_disconnect', connectionId: record.connectionId });
  });

  test('a lost connection leaves its cause, and its will as record and as message', async () => {
    const statuses = await readTopic(scope, kafka, topics.status);
    const will = { topic: 'fleet/bus-2/status', payload: Buffer.from('{"status":"offline"}'), qos: 1 as const, retain: false };
    cut(await connectVehicle(await options('bus-2', { will })));
    const records = await history('bus-2', 3);
    expect(kinds(records)).toEqual(['connected', 'network_error', 'will']);
    expect(Buffer.from((records[2] as WillPublished).payloadBase64, 'base64').toString()).toBe('{"status":"offline"}');
    expect(await statuses.until((all) => all.length === 1, 'bus-2')).toEqual([{ status: 'offline' }]);
  });

  test('DISCONNECT 0x04 publishes the will', async () => {
    const will = { topic: 'fleet/bus-3/status', payload: Buffer.from('{}'), qos: 0 as const, retain: false };
    const client = await connectVehicle(await options('bus-3', { will }));
    await client.endAsync(false, { reasonCode: 0x04 });
    expect(kinds(await history('bus-3', 3))).toEqual(['connected', 'client_disconnect_with_will', 'will']);
  });

  test('at a take-over the new `connected` stands before what the old connection leaves', async () => {
    const will = { topic: 'fleet/bus-4/status', payload: Buffer.from('{}'), qos: 0 as const, retain: false };
    const both = await options('bus-4', { will });
    const first = await connectVehicle(both);
    const ended = endOf(first);
    const second = await connectVehicle(both);
    expect(await ended).toBe(0x8e);
    const records = await history('bus-4', 4);
    expect(kinds(records)).toEqual(['connected', 'connected', 'taken_over', 'will']);
    expect((records[2] as Disconnected).connectionId).toBe((records[0] as Connected).connectionId);
    await second.endAsync();
  });

  test('a node closes the connection that a newer one on another node replaced', async () => {
    // Beside one that keeps sessions only those that keep none (decision 0023).
    const other = await scope.app('broker', { ...environment(), NODE_ID: 'node-q', BROKER_PROCESSES: '2' });
    const otherPort = Number((await other.waitForLog('broker.listening')).port);
    const here = await connectVehicle(await options('bus-5'));
    const ended = endOf(here);
    const there = await connectVehicle({ ...(await options('bus-5')), port: otherPort });
    expect(await ended).toBe(0x8e);
    const records = await history('bus-5', 3);
    expect(records.map(({ kind, node }) => [kind, node])).toEqual([
      ['connected', 'node-p'],
      ['connected', expect.stringMatching(/^node-q-[01]$/)],
      ['disconnected', 'node-p'],
    ]);
    expect(there.connected).toBe(true);
    await there.endAsync();
    expect(await other.stop()).toBe(0);
  });

  test('two clients with one identity are stopped, and said so', async () => {
    const twins = await options('bus-6');
    const outcomes: (number | 'closed')[] = [];
    for (let round = 0; round < 9; round++) outcomes.push(await outcomeOf(vehicleClient(twins)));
    expect(outcomes.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(outcomes.at(-1)).toBe(0x97);
    await presence.until<PresenceRecord>(
      (all) => all.some((record) => record.kind === 'refused' && record.reason === 'take_over_limit'),
      'bus-6',
    );
  });

  test('a lease stands in every partition, every two seconds', async () => {
    const leases = () => presence.values<PresenceRecord>().filter((record) => record.kind === 'lease' && record.node === 'node-p');
    await presence.until<PresenceRecord>(() => leases().length >= 6);
    expect(new Set(leases().map((lease) => (lease.kind === 'lease' ? lease.partition : undefined)))).toEqual(new Set([0, 1, 2]));
  });

  test('SIGTERM: vehicles are told 0x8B, their wills are kept back, presence says server_shutdown', async () => {
    const will = { topic: 'fleet/bus-7/status', payload: Buffer.from('{}'), qos: 0 as const, retain: false };
    const client = await connectVehicle(await options('bus-7', { will }));
    const acked: unknown[] = [];
    const read = () => broker.metric('milepost_broker_packets_total', { direction: 'in', type: 'publish' });
    const before = await read();
    for (let n = 0; n < 20; n++)
      client.publish('fleet/bus-7/location', JSON.stringify({ n }), { qos: 1 }, (error) => acked.push(error ?? n));
    // What the broker has not read when it is told to stop it does not acknowledge.
    await eventually(async () => expect(await read()).toBe(before + 20));
    const ended = endOf(client);
    const startedAt = Date.now();
    expect(await broker.stop()).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(await ended).toBe(0x8b);
    expect(acked).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(kinds(await history('bus-7', 2))).toEqual(['connected', 'server_shutdown']);
  });

  test('a node that was killed comes back with a later epoch', async () => {
    const first = await scope.app('broker', { ...environment(), NODE_ID: 'node-k' });
    port = Number((await first.waitForLog('broker.listening')).port);
    await connectVehicle(await options('bus-8'));
    await first.kill9();
    const second = await scope.app('broker', { ...environment(), NODE_ID: 'node-k' });
    port = Number((await second.waitForLog('broker.listening')).port);
    await connectVehicle(await options('bus-8'));
    const [before, after] = (await history('bus-8', 2)) as [Connected, Connected];
    expect(after.epoch).toBeGreaterThan(before.epoch);
    expect(after.connectionId).not.toBe(before.connectionId);
  });
});
