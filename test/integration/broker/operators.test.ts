import { writeFile } from 'node:fs/promises';
import { removeUser } from '@milepost/access';
import { type TestApp, useTestScope } from '@milepost/test-support';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BrokerWithUsers, brokerWithUsers, PASSWORD } from './broker-with-users.js';
import { connectVehicle, endOf, outcomeOf, publishCode } from './vehicle.js';

/** The code of SUBACK for one filter. */
function subscribeCode(client: MqttClient, filter: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'suback') resolve(Number(packet.granted[0]));
    });
    client.subscribe(filter, () => undefined);
  });
}

describe('the door for users with a password', () => {
  const scope = useTestScope();
  let world: BrokerWithUsers;
  let broker: TestApp;
  let vehiclePort: number;
  let port: number;

  beforeAll(async () => {
    world = await brokerWithUsers(scope, {
      users: { anna: 'acme', rita: 'rivals', tina: 'acme' },
      acl: 'pattern read fleet/+/location\npattern write fleet/+/commands/#\n',
      environment: { NODE_ID: 'node-o' },
    });
    const started = await world.start();
    broker = started.app;
    [vehiclePort, port] = await Promise.all([started.portOf('vehicles'), started.portOf('users')]);
  });

  const operator = (username: string, options: IClientOptions = {}): MqttClient => {
    const client = connect(`mqtts://localhost:${port}`, {
      ca: world.pki.caPem,
      username,
      password: PASSWORD,
      protocolVersion: 5,
      reconnectPeriod: 0,
      ...options,
    });
    client.on('error', () => undefined);
    scope.onEnd(() => client.endAsync(true));
    return client;
  };
  const loggedIn = async (username: string, options: IClientOptions = {}) => {
    const client = operator(username, options);
    expect(await outcomeOf(client)).toBe(0);
    return client;
  };

  test('opens to nobody with a wrong password or without one: 0x86, and 4 in 3.1.1', async () => {
    expect(await outcomeOf(operator('anna', { password: 'wrong' }))).toBe(0x86);
    expect(await outcomeOf(operator('nobody', { protocolVersion: 4 }))).toBe(4);
    expect(await broker.metric('milepost_broker_refused_connections_total', { reason: 'bad_login' })).toBe(2);
  });

  test("shows an operator the positions of its organisation's vehicles, and of no other", async () => {
    const [anna, rita] = [await loggedIn('anna'), await loggedIn('rita')];
    const seen: string[] = [];
    anna.on('message', (topic) => seen.push(`anna ${topic}`));
    rita.on('message', (topic) => seen.push(`rita ${topic}`));
    await Promise.all([anna.subscribeAsync('fleet/+/location'), rita.subscribeAsync('fleet/+/location')]);
    const vehicle = await connectVehicle({
      port: vehiclePort,
      caPem: world.pki.caPem,
      certificate: await world.pki.issue('van-1', { organisation: 'acme' }),
    });
    await vehicle.publishAsync('fleet/van-1/location', '{}', { qos: 1 });
    await expect.poll(() => seen).toEqual(['anna fleet/van-1/location']);
    await vehicle.endAsync();
  });

  test('grants what the ACL grants: a command reaches the vehicle, a position is never taken from an operator', async () => {
    const vehicle = await connectVehicle({
      port: vehiclePort,
      caPem: world.pki.caPem,
      certificate: await world.pki.issue('van-2', { organisation: 'acme' }),
    });
    const commands: string[] = [];
    vehicle.on('message', (topic, payload) => commands.push(`${topic} ${payload}`));
    await vehicle.subscribeAsync('fleet/van-2/commands/#', { qos: 1 });
    const anna = await loggedIn('anna');
    expect(await publishCode(anna, 'fleet/van-2/commands/unlock', 'now')).toBe(0);
    expect(await publishCode(anna, 'fleet/van-2/location', '{}')).toBe(0x87);
    expect(await subscribeCode(anna, 'fleet/#')).toBe(0x87);
    await expect.poll(() => commands).toEqual(['fleet/van-2/commands/unlock now']);
    await vehicle.endAsync();
  });

  test('closes behind a user who is removed, within 5 s and with 0x98, and nobody else', async () => {
    const [anna, tina] = [await loggedIn('anna'), await loggedIn('tina')];
    const ended = endOf(tina);
    const removedAt = Date.now();
    await removeUser(world.usersFile, 'tina');
    expect(await ended).toBe(0x98);
    expect(Date.now() - removedAt).toBeLessThan(5_000);
    expect(anna.connected).toBe(true);
    expect(await outcomeOf(operator('tina'))).toBe(0x86);
  });

  test('closes behind who may no longer read what it subscribed to: 0x87', async () => {
    const anna = await loggedIn('anna');
    await anna.subscribeAsync('fleet/+/location');
    const ended = endOf(anna);
    await writeFile(world.aclFile, 'pattern write fleet/+/commands/#\n');
    expect(await ended).toBe(0x87);
  });
});
