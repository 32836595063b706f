import { parseConfig } from '@milepost/runtime';
import { expect, it } from 'vitest';
import { configSchema } from '../config.js';
import type { RunningStack } from '../stack.js';
import { banner } from './banner.js';

const file = {
  apiUrl: 'http://127.0.0.1:8080',
  apiKey: 'mp_key',
  mqttUrl: 'mqtts://127.0.0.1:8883',
  operatorMqttUrl: 'mqtts://127.0.0.1:8884',
  webSocketMqttUrl: 'wss://127.0.0.1:8885/mqtt',
  operatorUserName: 'operator',
  operatorPassword: 'of-the-operator',
  caFile: '/data/pki/ca.crt',
  issueCommand: 'node milepost.js pki issue --pki /data/pki --force',
  kafkaBrokers: '127.0.0.1:9092',
  databaseUrl: 'postgres://milepost:owners-secret@127.0.0.1:5432/milepost',
  apps: [],
};

it('the owner’s password of the database is not in the banner, and a command that needs none is', () => {
  const text = banner({ file, folder: { path: '/data' } as RunningStack['folder'] }, parseConfig(configSchema, {}), '/tmp');
  expect(text).not.toContain('owners-secret');
  expect(text).toContain('postgres://milepost:***@127.0.0.1:5432/milepost');
  expect(text).toMatch(/psql "\$\(MILEPOST_DATA_DIR=\/data .* stack databaseUrl\)"/);
});

it('nor is it where it stands behind the ?, or before no host', () => {
  for (const databaseUrl of [
    'postgres://milepost:owners-secret@/milepost?host=/run/postgresql',
    'postgres:///milepost?host=/run/postgresql&user=milepost&password=owners-secret',
  ]) {
    const running = { file: { ...file, databaseUrl }, folder: { path: '/data' } as RunningStack['folder'] };
    expect(banner(running, parseConfig(configSchema, {}), '/tmp')).not.toContain('owners-secret');
  }
});

it('a door that is shut because several broker processes share the others is not offered', () => {
  const bannerOf = (BROKER_PROCESSES: string) =>
    banner({ file, folder: { path: '/data' } as RunningStack['folder'] }, parseConfig(configSchema, { BROKER_PROCESSES }), '/tmp');
  expect(bannerOf('1')).toContain('of-the-operator');
  expect(bannerOf('2')).not.toContain('of-the-operator');
});
