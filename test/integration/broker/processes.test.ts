import { type PresenceRecord, topics } from '@milepost/contracts';
import { issueServerCertificate } from '@milepost/pki';
import { eventually, type LogLine, readTopic, type TestApp, type TestPki, type TestTopics, useTestScope } from '@milepost/test-support';
import type { IConnackPacket, MqttClient, Packet } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectVehicle, endOf, publishCode, vehicleClient } from './vehicle.js';

const PROCESSES = 2;

describe('several processes of one broker', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let kafka: TestTopics;
  let broker: TestApp;
  let port: number;

  beforeAll(async () => {
    [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    broker = await scope.app('broker', {
      ...kafka.environment,
      ...pki.environment,
      MQTT_TLS_PORT: '0',
      NODE_ID: 'node-m',
      BROKER_PROCESSES: String(PROCESSES),
    });
    port = Number((await broker.waitForLog('broker.listening')).port);
  });

  const vehicle = async (id: string, more = {}) => ({ port, caPem: pki.caPem, certificate: await pki.issue(id), ...more });
  const linesOf = (event: string, fields: Record<string, unknown> = {}): LogLine[] =>
    broker.logs.filter((line) => line.event === event && Object.entries(fields).every(([name, value]) => line[name] === value));
  /** Connects, and says which process took it. */
  const connected = async (id: string): Promise<{ client: MqttClient; node: string; pid: number }> => {
    const seen = linesOf('broker.connection.opened', { vehicleId: id }).length;
    const client = await connectVehicle(await vehicle(id));
    return eventually(() => {
      const line = linesOf('broker.connection.opened', { vehicleId: id })[seen];
      if (line === undefined) throw new Error(`no process has logged the connection of ${id}`);
      return { client, node: String(line.node), pid: Number(line.pid) };
    });
  };

  test('share one port, under names of their own, and each stores and acknowledges', async () => {
    const vehicles = await Promise.all(Array.from({ length: 6 }, (_, n) => connected(`shared-${n}`)));
    expect(new Set(vehicles.map(({ node }) => node))).toEqual(new Set(['node-m-0', 'node-m-1']));
    const stored = await readTopic(scope, kafka, topics.location);
    for (const [n, { client }] of vehicles.entries()) expect(await publishCode(client, `fleet/shared-${n}/location`, `{"n":${n}}`)).toBe(0);
    await eventually(() => expect(new Set(stored.records.map(({ key }) => key)).size).toBe(6));
    await Promise.all(vehicles.map(({ client }) => client.endAsync()));
  });

  test('one killed with -9 leaves the vehicles of the others alone, and is started anew', async () => {
    const vehicles = await Promise.all(Array.from({ length: 6 }, (_, n) => connected(`killed-${n}`)));
    const victim = vehicles[0]?.node;
    const [lost, kept] = [vehicles.filter(({ node }) => node === victim), vehicles.filter(({ node }) => node !== victim)];
    const ends = lost.map(({ client }) => endOf(client));
    const listening = linesOf('broker.listening', { node: victim }).length;
    process.kill(lost[0]?.pid ?? 0, 'SIGKILL');
    expect(await Promise.all(ends)).toEqual(lost.map(() => 'closed'));
    for (const { client } of kept) {
      expect(client.connected).toBe(true);
      const id = String(client.options.clientId);
      expect(await publishCode(client, `fleet/${id}/location`, '{}')).toBe(0);
    }
    await eventually(() => expect(linesOf('broker.listening', { node: victim }).length).toBe(listening + 1), { timeoutMs: 20_000 });
    expect(linesOf('broker.listening', { node: victim }).at(-1)?.port).toBe(port);
    expect(await broker.metric('milepost_broker_process_restarts_total')).toBe(1);
    await eventually(async () => expect(await broker.ready()).toBe(true));
    // Back at whichever process, the new one among them.
    const back = await Promise.all(Array.from({ length: 6 }, (_, n) => connected(`killed-${n}`)));
    expect(new Set(back.map(({ node }) => node)).size).toBe(PROCESSES);
    await Promise.all([...back, ...kept].map(({ client }) => client.endAsync()));
  });

  test('a vehicle that comes to another process is closed where it was: 0x8E', async () => {
    const presence = await readTopic(scope, kafka, topics.presence);
    let current = await connected('moves');
    const nodes = new Set([current.node]);
    let moves = 0;
    for (; moves < 5 && nodes.size < PROCESSES; moves++) {
      const ended = endOf(current.client);
      const next = await connected('moves');
      expect(await ended).toBe(0x8e);
      current = next;
      nodes.add(current.node);
    }
    expect(nodes.size).toBe(PROCESSES);
    expect(await publishCode(current.client, 'fleet/moves/location', '{}')).toBe(0);
    const causesIn = (all: PresenceRecord[]) => all.flatMap((record) => (record.kind === 'disconnected' ? [record.cause] : []));
    const records = await presence.until<PresenceRecord>((all) => causesIn(all).length >= moves, 'moves');
    expect(causesIn(records)).toEqual(Array.from({ length: moves }, () => 'taken_over'));
    await current.client.endAsync();
  });

  test('say that a session ends with its connection, and refuse what would never come', async () => {
    const client = vehicleClient(await vehicle('asks', { clean: false, properties: { sessionExpiryInterval: 600 } }));
    const connack = await new Promise<IConnackPacket>((resolve) => {
      client.on('packetreceive', (packet: Packet) => {
        if (packet.cmd === 'connack') resolve(packet);
      });
    });
    expect([connack.reasonCode, connack.sessionPresent, connack.properties?.sessionExpiryInterval]).toEqual([0, false, 0]);
    const granted = new Promise<unknown>((resolve) => {
      client.on('packetreceive', (packet: Packet) => {
        if (packet.cmd === 'suback') resolve(packet.granted[0]);
      });
    });
    client.subscribe('fleet/asks/commands/#', () => undefined);
    expect(await granted).toBe(0x87);
    await client.endAsync();
  });

  test('each follows the certificate file', async () => {
    await issueServerCertificate(pki.authority);
    await eventually(() => {
      expect(new Set(linesOf('broker.certificate.reloaded').map(({ pid }) => pid)).size).toBeGreaterThanOrEqual(PROCESSES);
    });
  });

  test('end together at SIGTERM: vehicles are told 0x8B, and no process is left', async () => {
    const vehicles = await Promise.all(Array.from({ length: 4 }, (_, n) => connected(`last-${n}`)));
    const pids = [...new Set(broker.logs.flatMap(({ pid }) => (typeof pid === 'number' ? [pid] : [])))];
    const ends = vehicles.map(({ client }) => endOf(client));
    expect(await broker.stop()).toBe(0);
    expect(await Promise.all(ends)).toEqual(vehicles.map(() => 0x8b));
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});

describe('several processes and users', () => {
  const scope = useTestScope();

  test('are refused at the start', async () => {
    const [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    const environment = { ...kafka.environment, ...pki.environment, MQTT_TLS_PORT: '0', BROKER_PROCESSES: '2', MQTT_USERS_FILE: 'users' };
    await expect(scope.app('broker', environment)).rejects.toThrow(/MQTT_USERS_FILE needs BROKER_PROCESSES=1/);
  });
});
