import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from './installation.js';

let folder: string;
const stack = {
  apiUrl: 'http://127.0.0.1:8080',
  apiKey: 'mp_x',
  mqttUrl: 'mqtts://127.0.0.1:8883',
  operatorMqttUrl: 'mqtts://127.0.0.1:8884',
  webSocketMqttUrl: 'wss://127.0.0.1:8885/mqtt',
  operatorUserName: 'operator',
  operatorPassword: 'secret',
  caFile: '/x/ca.crt',
  issueCommand: 'x',
  kafkaBrokers: '127.0.0.1:9,127.0.0.1:10',
  databaseUrl: 'postgres://stack',
  apps: [],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-cli-'));
  await mkdir(join(folder, '.milepost'));
  await writeFile(join(folder, '.milepost', 'stack.json'), JSON.stringify(stack));
});
afterAll(() => rm(folder, { recursive: true }));

describe('Installation', () => {
  it('finds the running stack by its folder, named or here', () => {
    for (const found of [new Installation({}, folder), new Installation({ MILEPOST_DATA_DIR: '.milepost' }, folder)]) {
      expect(found.databaseUrl()).toBe('postgres://stack');
      expect(found.runningStack().apiKey).toBe('mp_x');
      expect(found.kafkaConfig()).toMatchObject({ KAFKA_BROKERS: ['127.0.0.1:9', '127.0.0.1:10'], KAFKA_SSL: false });
      expect(found.pkiFolder).toBe(join(folder, '.milepost', 'pki'));
    }
  });

  it('takes what the environment names before what a stack says: nobody migrates the wrong database', () => {
    const found = new Installation({ DATABASE_URL: 'postgres://named', KAFKA_BROKERS: 'named:1', KAFKA_TOPIC_PREFIX: 'p.' }, folder);
    expect(found.databaseUrl()).toBe('postgres://named');
    expect(found.kafkaConfig()).toMatchObject({ KAFKA_BROKERS: ['named:1'], KAFKA_TOPIC_PREFIX: 'p.' });
  });

  it('says what to do when nothing runs, or stack.json is damaged', async () => {
    const nothing = new Installation({ MILEPOST_DATA_DIR: 'nowhere' }, folder);
    expect(() => nothing.databaseUrl()).toThrow(/nowhere.*Start one with `npm start`.*DATABASE_URL/);
    expect(() => nothing.runningStack()).toThrow(/nowhere.*Start one with `npm start`, or name its folder in MILEPOST_DATA_DIR/);
    await mkdir(join(folder, 'damaged'));
    await writeFile(join(folder, 'damaged', 'stack.json'), '{"apiUrl":');
    expect(() => new Installation({ MILEPOST_DATA_DIR: 'damaged' }, folder).stack()).toThrow(/stack.json cannot be read/);
  });

  it('does not take a folder that it may not look into for one where nothing runs', async () => {
    // Whoever runs this may be root, who may look into all but a link to itself.
    await mkdir(join(folder, 'shut'));
    await symlink('stack.json', join(folder, 'shut', 'stack.json'));
    const shut = new Installation({ MILEPOST_DATA_DIR: 'shut' }, folder);
    expect(() => shut.runningStack()).toThrow(/shut.stack\.json cannot be read by this user \(ELOOP\).*as the user who started it/);
    expect(shut.stackRuns).toBe(true);
    expect(new Installation({ MILEPOST_DATA_DIR: 'nowhere' }, folder).stackRuns).toBe(false);
  });

  it('says that secrets.json is damaged, and not what stands in it', async () => {
    const damaged = join(folder, 'damaged-secrets');
    await mkdir(damaged);
    await writeFile(join(damaged, 'secrets.json'), '"hidden');
    const found = (DATABASE_ROLE_SECRET = '') => new Installation({ MILEPOST_DATA_DIR: damaged, DATABASE_ROLE_SECRET }, folder);
    expect(() => found().roleSecret()).toThrow(/^\S+secrets\.json is damaged: it is not JSON\. Set DATABASE_ROLE_SECRET/);
    expect(() => found().roleSecret()).not.toThrow(/hidden/);
    expect(found('given').roleSecret()).toBe('given');
  });

  it('says that it is Kafka which cannot be reached, and where it is named', async () => {
    const nothing = async () => undefined;
    const named = new Installation({ KAFKA_BROKERS: '127.0.0.1:1,127.0.0.1:2' }, folder);
    await expect(named.withKafka(nothing)).rejects.toThrow(
      /^No connection to Kafka at 127\.0\.0\.1:1, 127\.0\.0\.1:2 \(.*ECONNREFUSED.*\)\. Check KAFKA_BROKERS, and that Kafka runs\.$/,
    );
    await expect(new Installation({}, folder).withKafka(nothing)).rejects.toThrow(/^No connection to Kafka .* Check \S*stack\.json, /);
  });
});
