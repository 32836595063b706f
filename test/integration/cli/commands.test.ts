import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@milepost/contracts';
import { createApiKey, findApiKey } from '@milepost/database';
import { readTopic, type TestDatabase, type TestPki, type TestTopics, type TopicReader, useTestScope } from '@milepost/test-support';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli, script } from './run-cli.js';

describe('npx milepost', () => {
  const scope = useTestScope();
  let database: TestDatabase;
  let kafka: TestTopics;
  let pki: TestPki;
  let environment: Record<string, string>;

  beforeAll(async () => {
    [database, kafka, pki] = await Promise.all([scope.database(), scope.topics(), scope.pki()]);
    environment = { ...kafka.environment, DATABASE_URL: database.ownerUrl };
  });

  test('keys create prints a key that opens the API, alone on standard output, until it is revoked', async () => {
    const made = await runCli(['keys', 'create', '--name', 'ops', '--organisation', 'acme', '--scopes', 'read,alerts:write'], environment);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mp_[A-Za-z0-9_-]{43}\n$/) });
    const key = made.stdout.trim();
    const api = new pg.Pool({ connectionString: database.urlFor('milepost_api') });
    // A pool that has ended still closes its connections, and dropping the database may be faster.
    api.on('error', () => undefined);
    scope.onEnd(() => api.end());
    expect(await findApiKey(api, key)).toMatchObject({ organisation: 'acme', name: 'ops', scopes: ['read', 'alerts:write'] });

    const listed = await runCli(['keys', 'list'], environment);
    expect(listed.stdout).toContain(key.slice(0, 11));
    expect(listed.stdout).not.toContain(key);
    expect(await runCli(['keys', 'revoke', key.slice(0, 11)], environment)).toMatchObject({ code: 0 });
    expect(await findApiKey(api, key)).toBeUndefined();
    expect(await runCli(['keys', 'revoke', key.slice(0, 11)], environment)).toMatchObject({ code: 1 });
  });

  test('keys create says of an organisation without a vehicle that it has none, and which have one, beside the key', async () => {
    const make = (organisation: string) =>
      runCli(['keys', 'create', '--name', 'ops', '--organisation', organisation, '--scopes', 'read'], environment);
    const none = 'Organisation fleet-west has no vehicle yet: the key opens nothing until one comes whose certificate names it (O).';
    const first = await make('fleet-west');
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mp_\S+\n$/) as string });
    expect(first.stderr).toContain(`${none}\n`);
    await database.owner.query(
      `insert into vehicles (vehicle_id, organisation_id) select 'west-1', id from organisations where name = 'fleet-west'`,
    );
    expect((await make('fleet-west')).stderr).not.toContain('vehicle');
    expect((await make('fleet-wset')).stderr).toContain(
      'Organisation fleet-wset has no vehicle yet: the key opens nothing until one comes whose certificate names it (O). Is the name right? Some that have one: fleet-west.\n',
    );
  });

  test('stack says a value of the running stack, for scripts, and in a sentence that none runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'milepost-cli-stack-'));
    scope.onEnd(() => rm(folder, { recursive: true }));
    const at = { MILEPOST_DATA_DIR: folder };
    expect(await runCli(['stack', 'apiKey'], at)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^[^\n]*No stack runs with [^\n]*\n$/),
    });
    const names = ['apiUrl', 'mqttUrl', 'operatorMqttUrl', 'webSocketMqttUrl', 'operatorUserName', 'operatorPassword', 'caFile'];
    const texts = Object.fromEntries([...names, 'issueCommand', 'kafkaBrokers', 'databaseUrl'].map((name) => [name, name]));
    await writeFile(join(folder, 'stack.json'), JSON.stringify({ ...texts, issueCommand: 'issue --force', apiKey: 'mp_x', apps: [] }));
    expect(await runCli(['stack', 'apiKey'], at)).toMatchObject({ code: 0, stdout: 'mp_x\n' });
    const { stdout } = await runCli(['stack'], at);
    expect(stdout).toMatch(/operatorPassword +operatorPassword/);
    expect(stdout, 'nobody is to lose a key by what stands here').toMatch(/issueCommand +issue$/m);
    expect(await runCli(['stack', 'issueCommand'], at)).toMatchObject({ stdout: 'issue\n' });
    expect(await runCli(['stack', 'nosuch'], at)).toMatchObject({ code: 2 });
  });

  test('keys revoke takes a name, first characters or a whole key, and never one of several', async () => {
    const make = async (name: string) => (await createApiKey(database.owner, { name, organisation: 'default', scopes: ['read'] })).key;
    const [, first, second, third] = [await make('named'), await make('twice'), await make('twice'), await make('whole')];
    const revoke = (key: string) => runCli(['keys', 'revoke', key], environment);
    expect(await revoke('named')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/Revoked the key "named" \(mp_.{8}…\) of default/),
    });
    expect(await revoke('named')).toMatchObject({ code: 1 });
    const both = await revoke('twice');
    expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining('by its id') });
    expect(both.stderr.match(/"twice" \(mp_.{8}…\)/g)).toHaveLength(2);
    expect(await revoke(`${first.slice(0, 11)}…`)).toMatchObject({ code: 0 });
    expect(await revoke(second.slice(0, 9))).toMatchObject({ code: 0 });
    expect(await revoke(third)).toMatchObject({ code: 0, stderr: expect.not.stringContaining(third) });
    expect(await revoke('mp_')).toMatchObject({ code: 1 });
  });

  test('keys create refuses a scope that does not exist, before it asks the database', async () => {
    const refused = await runCli(['keys', 'create', '--name', 'x', '--scopes', 'read,fly'], {
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
    });
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('alerts:write') });
  });

  test('pki issue says what is in the way of a folder that it cannot make, without a stack trace', async () => {
    const refused = await runCli(['pki', 'issue', 'truck-1', '--pki', pki.dir, '--out', join(script, 'below')]);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^milepost: \S+ what should be a folder on its path is a file \(ENOTDIR\)\.\n$/),
    });
  });

  describe('dead-letters', () => {
    const id = 'fleet.location/1/42';
    let location: TopicReader;

    beforeAll(async () => {
      location = await readTopic(scope, kafka, topics.location);
      await database.owner.query(`insert into organisations (name) values ('default') on conflict do nothing`);
      await database.owner.query({
        text: `insert into dead_letters (topic, partition, "offset", organisation_id, vehicle_id, record_timestamp, record_key, headers, payload, errors, error_count)
               select 'fleet.location', 1, 42, id, 'truck-1', '2026-01-02T03:04:05.678Z', 'truck-1', $1, $2, $3, 1 from organisations where name = 'default'`,
        values: [
          { organisation: 'default', traceparent: 'tp', binary: { base64: '/w==' } },
          Buffer.from('{"latitude":91}'),
          JSON.stringify([{ code: 'invalid', pointer: '/latitude', message: 'must be <= 90' }]),
        ],
      });
    });

    test('are listed with their first error', async () => {
      const { stdout } = await runCli(['dead-letters', 'list'], environment);
      expect(stdout).toMatch(/fleet\.location\/1\/42 .* default +truck-1 +invalid \/latitude must be <= 90/);
      const [line = ''] = (await runCli(['dead-letters', 'list', '--json'], environment)).stdout.split('\n');
      expect(JSON.parse(line)).toMatchObject({ id, errors: [{ pointer: '/latitude' }] });
    });

    test('are replayed with key, headers and time as they were, and say of what they are a replay', async () => {
      const replayed = await runCli(['dead-letters', 'replay', id], environment);
      expect(replayed).toMatchObject({ code: 0, stderr: expect.stringContaining('if something in it is still wrong') });
      const mended = join(pki.dir, 'mended.json');
      await writeFile(mended, '{"latitude":9}');
      expect(await runCli(['dead-letters', 'replay', id, '--payload', mended], environment)).toMatchObject({ code: 0 });
      await location.until((all) => all.length === 2, 'truck-1');
      expect(location.records.map(({ value }) => String(value))).toEqual(['{"latitude":91}', '{"latitude":9}']);
      for (const { key, timestampMs, headers } of location.records) {
        expect({ key, timestampMs }).toEqual({ key: 'truck-1', timestampMs: Date.parse('2026-01-02T03:04:05.678Z') });
        expect(headers).toMatchObject({
          organisation: Buffer.from('default'),
          traceparent: Buffer.from('tp'),
          binary: Buffer.from([0xff]),
        });
        expect(String(headers['replay-of'])).toBe(id);
      }
    });

    test('that were stored by a replay say since when', async () => {
      await database.owner.query(`update dead_letters set resolved_at = '2026-01-02T04:00:00Z' where "offset" = 42`);
      const { stdout } = await runCli(['dead-letters', 'list'], environment);
      expect(stdout).toMatch(/STORED SINCE .*\n.* truck-1 +2026-01-02T04:00:00\.000Z +invalid \/latitude/);
    });

    test('that are not there are an error, and nothing is replayed', async () => {
      const before = location.records.length;
      const outcome = await runCli(['dead-letters', 'replay', id, 'fleet.location/1/43'], environment);
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('fleet.location/1/43') });
      expect(location.records).toHaveLength(before);
    });
  });

  test('migrate can be repeated, and leaves the roles alone when it knows no secret', async () => {
    const migrated = await runCli(['migrate'], environment);
    expect(migrated).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/up to date[\s\S]*left as they are[\s\S]*All \d+ Kafka topics are there/),
    });
    expect(await runCli(['migrate', '--urls'], environment)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('DATABASE_ROLE_SECRET'),
    });
  });

  test('pki issue works from any folder without a stack, and writes the three files', async () => {
    const out = join(pki.dir, 'out');
    const issued = await runCli([
      'pki',
      'issue',
      '--pki',
      pki.dir,
      'truck-9',
      '--out',
      out,
      '--organisation',
      'acme',
      '--not-after',
      '-1h',
    ]);
    expect(issued).toMatchObject({ code: 0, stdout: `${out}/truck-9.crt\n${out}/truck-9.key\n${out}/ca.crt\n` });
    expect(await runCli(['pki', 'issue', '--pki', pki.dir, '../x', '--out', out])).toMatchObject({ code: 2 });
  });

  test('pki issue replaces the only copy of a key only when it is told to, and says how to end the certificate', async () => {
    const out = join(pki.dir, 'again');
    const issue = (...more: string[]) => runCli(['pki', 'issue', '--pki', pki.dir, 'truck-9', '--out', out, ...more]);
    expect(await issue()).toMatchObject({ code: 0 });
    const [key, certificate] = await Promise.all(['key', 'crt'].map((ending) => readFile(join(out, `truck-9.${ending}`), 'utf8')));
    const { serialNumber } = new X509Certificate(certificate ?? '');
    const ending = expect.stringContaining(`pki revoke --serial ${serialNumber}`);
    expect(await issue()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force') });
    expect(await issue()).toMatchObject({ stderr: ending });
    expect(await readFile(join(out, 'truck-9.key'), 'utf8')).toBe(key);
    expect(await issue('--force')).toMatchObject({ code: 0, stderr: ending });
    expect(await readFile(join(out, 'truck-9.key'), 'utf8')).not.toBe(key);
  });

  test('pki revoke and users add say when no broker is there to hear it, and revoke when it had been done', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'milepost-cli-idle-'));
    scope.onEnd(() => rm(folder, { recursive: true }));
    const at = { MILEPOST_DATA_DIR: folder };
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'correct horse\n');
    const add = (name: string) => runCli(['users', 'add', name, '--organisation', 'acme', '--password-file', passwordFile], at);
    const revoke = (serial: string) => runCli(['pki', 'revoke', '--serial', serial], at);
    expect(await runCli(['pki', 'init'], at)).toMatchObject({ code: 0 });
    expect((await revoke('AB')).stderr).toContain(`none runs with ${folder}`);
    expect((await add('anna')).stderr).toContain(`No stack runs with ${folder}`);
    expect(await revoke('AB')).toMatchObject({ code: 0, stdout: 'AB\n', stderr: expect.stringContaining('Nothing was left to revoke') });

    await writeFile(join(folder, 'stack.json'), '{}');
    expect((await revoke('AC')).stderr).toMatch(/read it by themselves\.\n$/);
    expect((await add('berta')).stderr).toContain('A running broker reads it within seconds.');
  });

  test('ends without a word when nobody reads on', async () => {
    const unread = spawn(process.execPath, [script, '--help'], { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
    unread.stdout.destroy();
    let stderr = '';
    unread.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = await once(unread, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('says what to do about a database without the schema, and a Kafka that does not answer', async () => {
    const empty = new URL(database.ownerUrl);
    empty.pathname = '/postgres';
    expect(await runCli(['keys', 'list'], { DATABASE_URL: empty.href })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^milepost: [^\n]*"api_keys" does not exist[^\n]*npx milepost migrate[^\n]*\n$/),
    });
    expect(await runCli(['migrate'], { DATABASE_URL: database.ownerUrl, KAFKA_BROKERS: '127.0.0.1:1' })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/\nmilepost: No connection to Kafka at 127\.0\.0\.1:1 [^\n]*Check KAFKA_BROKERS[^\n]*\n$/),
    });
  });

  test('says where it looked when nothing runs', async () => {
    const lost = await runCli(['dead-letters', 'list'], { MILEPOST_DATA_DIR: '/nowhere' });
    expect(lost).toMatchObject({ code: 1, stderr: expect.stringMatching(/\/nowhere.*npm start/) });
  });
});
