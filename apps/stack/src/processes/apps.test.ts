import { FEW_FULL_COLLECTIONS } from '@milepost/runtime';
import { expect, it } from 'vitest';
import { type AppName, type AppSettings, appNames, appsOf } from './apps.js';

const settings: AppSettings = {
  kafkaEnvironment: { KAFKA_BROKERS: '127.0.0.1:9092' },
  databaseUrl: (role) => `postgres://${role}@127.0.0.1/milepost`,
  ownerUrl: 'postgres://127.0.0.1/milepost',
  pkiFolder: '/pki',
  canary: { caFile: '/pki/ca.crt', certificateFile: '/pki/canary.crt', keyFile: '/pki/canary.key' },
  apiKey: 'key',
  brokerAllocator: undefined,
  brokerProcesses: 1,
  mqttPort: 1,
  operatorPort: 2,
  webSocketPort: 3,
  usersFile: '/users',
  aclFile: '/acl',
  httpPort: 18_180,
  mqttHost: '127.0.0.1',
  httpHost: '127.0.0.1',
  publicUrl: 'http://127.0.0.1:18180',
  webhookAllow: ['127.0.0.0/8', '::1/128'],
  statusPorts: Object.fromEntries(appNames.map((name, index) => [name, 20_000 + index])) as Record<AppName, number>,
  fleetSize: 0,
};

it('webhooks know what they may reach, and where people reach the API: links in them lead there whatever its port is', () => {
  const webhooks = appsOf(settings).find(({ name }) => name === 'webhooks');
  expect(webhooks?.environment).toMatchObject({ WEBHOOK_ALLOW: '127.0.0.0/8,::1/128', WEBHOOK_PUBLIC_URL: 'http://127.0.0.1:18180' });
});

it.each([
  ['192.0.2.7', '192.0.2.7:1'],
  ['::1', '[::1]:1'],
  ['0.0.0.0', '127.0.0.1:1'],
])('vehicles connect where the broker listens: %s', (mqttHost, place) => {
  const clients = appsOf({ ...settings, mqttHost, fleetSize: 1 }).filter(({ name }) => name === 'canary' || name === 'simulator');
  expect(clients.map(({ environment }) => environment.MQTT_URL)).toEqual([`mqtts://${place}`, `mqtts://${place}`]);
});

it('the broker allocates with the library that was found, and no other app does', () => {
  const preloaded = (brokerAllocator: string | undefined) =>
    appsOf({ ...settings, brokerAllocator }).filter(({ environment }) => environment.LD_PRELOAD !== undefined);
  expect(preloaded('/usr/lib/libjemalloc.so.2').map(({ name }) => name)).toEqual(['broker']);
  expect(preloaded('/usr/lib/libjemalloc.so.2')[0]?.environment.LD_PRELOAD).toContain('/usr/lib/libjemalloc.so.2');
  expect(preloaded(undefined)).toEqual([]);
});

it('those through which every message goes collect their whole heap seldom', () => {
  const flagged = appsOf(settings).filter(({ nodeFlags }) => nodeFlags?.includes(FEW_FULL_COLLECTIONS));
  expect(flagged.map(({ name }) => name)).toEqual(['broker', 'ingest']);
});

it('several broker processes share the ports, and let no users in: a broker that were told of any would not start', () => {
  const brokerOf = (brokerProcesses: number) => appsOf({ ...settings, brokerProcesses }).find(({ name }) => name === 'broker')?.environment;
  expect(brokerOf(1)).toMatchObject({ BROKER_PROCESSES: '1', MQTT_USERS_FILE: '/users', MQTT_ACL_FILE: '/acl' });
  expect(brokerOf(2)).toMatchObject({ BROKER_PROCESSES: '2', MQTT_TLS_PORT: '1' });
  expect(brokerOf(2)).not.toHaveProperty('MQTT_USERS_FILE');
});
