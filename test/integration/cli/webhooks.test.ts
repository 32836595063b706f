import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually, useTestScope } from '@milepost/test-support';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../api/api-under-test.js';
import { createOrganisation, type Organisation } from '../webhooks/outbox.js';
import { startReceiver } from '../webhooks/receiver.js';
import { runCli } from './run-cli.js';

const scope = useTestScope();
const script = fileURLToPath(new URL('../../../apps/cli/bin/milepost.js', import.meta.url));
let api: ApiUnderTest;
let environment: Record<string, string>;
/** Writes into the organisation of the key. */
let org: Pick<Organisation, 'event'>;

beforeAll(async () => {
  api = await apiUnderTest(scope);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  environment = { MILEPOST_API_URL: `http://127.0.0.1:${port}`, MILEPOST_API_KEY: api.keys.admin };
  await scope.app('webhooks', {
    DATABASE_URL: api.database.urlFor('milepost_webhooks'),
    KAFKA_BROKERS: '127.0.0.1:1',
    WEBHOOK_ALLOW: '127.0.0.0/8',
    WEBHOOK_RETRY_SCHEDULE_MS: '0,100',
    WEBHOOK_POLL_MS: '50',
  });
  org = await createOrganisation(api.database.owner, 'default');
});

const milepost = (...args: string[]) => runCli(['webhooks', ...args], environment);

async function receiver() {
  const started = await startReceiver();
  scope.onEnd(() => started.close());
  return started;
}

describe('npx milepost webhooks', () => {
  test('registers, lists, changes, rotates, tests, shows, replays, skips and deletes', async () => {
    const to = await receiver();
    const created = await milepost('create', to.url, '--types', 'alert.opened', '--header', 'X-Team: ops', '--description', 'ops');
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^whsec_\S+\n$/) });
    const listed = JSON.parse((await milepost('list', '--json')).stdout);
    expect(listed).toMatchObject({ url: to.url, eventTypes: ['alert.opened'], headerNames: ['x-team'], description: 'ops' });
    const { id } = listed;

    const tested = await milepost('test', id);
    expect(tested).toMatchObject({ code: 0, stderr: expect.stringMatching(/Delivered: the receiver answered 204/) });
    expect(new Webhook(created.stdout.trim()).verify(JSON.stringify(to.received[0]?.body), to.received[0]?.headers ?? {})).toMatchObject({
      type: 'webhook.test',
    });
    const rotated = await milepost('rotate', id, '--overlap', '1h');
    expect(rotated.stdout).toMatch(/^whsec_\S+\n$/);
    expect(rotated.stdout).not.toBe(created.stdout);

    to.answer = (_webhook, response) => void response.writeHead(500).end('no');
    const failed = await milepost('test', id);
    // The last of two attempts may be over by the time that the command looks.
    const said = /The receiver answered 500 \(delivery \S+, (failed; it is tried again|dead)\)\./;
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(said) });
    await eventually(async () =>
      expect((await milepost('deliveries', id, '--status', 'dead')).stdout).toContain('The receiver answered 500'),
    );
    const dead = JSON.parse((await milepost('deliveries', id, '--status', 'dead', '--json')).stdout);
    expect((await milepost('deliveries', id, dead.id)).stdout).toMatch(/webhook\.test .*: dead\n(.*\n){2,}/);

    to.answer = (_webhook, response) => void response.writeHead(204).end();
    const replayed = await milepost('replay', id, '--since', '-1h');
    expect(replayed).toMatchObject({ code: 0, stderr: expect.stringContaining('1 dead deliveries are sent again') });
    await eventually(() => expect(to.received.at(-1)?.id).toBe(dead.eventId));
    expect((await milepost('replay', id, dead.id)).code).toBe(0);
    expect((await milepost('replay', id)).code).toBe(2);

    expect((await milepost('skip', id)).stderr).toContain(`npx milepost webhooks update ${id} --disable`);
    expect((await milepost('update', id, '--disable')).stderr).toContain('disabled');
    expect(await milepost('skip', id)).toMatchObject({ code: 0, stderr: expect.stringContaining('deliveries are skipped') });
    const moved = await milepost('update', id, '--url', 'http://127.0.0.1:1/');
    expect(moved.stderr).toContain('x-team of the old one is not sent to it');
    expect((await milepost('update', id)).code).toBe(2);
    expect((await milepost('delete', id)).code).toBe(0);
    expect((await milepost('delete', id)).stderr).toContain('No webhook with the id');
    // Twenty processes, one after another.
  }, 180_000);

  test('forwards events to this machine in their order, signed, again until they are taken, and says where to go on', async () => {
    const to = await receiver();
    let refusals = 2;
    to.answer = (_webhook, response) => void response.writeHead(refusals-- > 0 ? 500 : 204).end();
    const listening = spawn(process.execPath, [script, 'webhooks', 'listen', '--forward', to.url], {
      env: { PATH: process.env.PATH, MILEPOST_DATA_DIR: '/nonexistent', ...environment },
    });
    scope.onEnd(() => void listening.kill('SIGKILL'));
    let [stdout, stderr] = ['', ''];
    listening.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    listening.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    await eventually(() => expect(stdout).toMatch(/^whsec_\S+\n/));
    // It begins with what comes from now on: once its first question is answered.
    await eventually(() => expect(api.logLines.filter((line) => line.includes('/v1/events')).length).toBeGreaterThan(0));
    const subject = randomUUID();
    const ids: string[] = [];
    for (const n of [1, 2, 3]) ids.push(await org.event(subject, n));

    await eventually(() => expect(to.received.map(({ id }) => id)).toEqual([ids[0], ids[0], ids[0], ids[1], ids[2]]), {
      timeoutMs: 20_000,
    });
    const verifier = new Webhook(stdout.trim());
    for (const { body, headers } of to.received) expect(verifier.verify(JSON.stringify(body), headers)).toEqual(body);
    const ended = new Promise((resolve) => listening.once('close', resolve));
    listening.kill('SIGINT');
    expect(await ended).toBe(0);
    const [, cursor = ''] = /--cursor (\S+)/.exec(stderr) ?? [];
    expect((await api.get(`/v1/events?cursor=${cursor}`)).body.items).toEqual([]);
  });

  test('takes groups by their names, and by their ids', async () => {
    const { stdout } = await runCli(['groups', 'create', 'vans'], { DATABASE_URL: api.database.ownerUrl });
    const group = stdout.trim();
    const groupsOf = async (url: string) => {
      const lines = (await milepost('list', '--json')).stdout.trim().split('\n');
      return lines.map((line) => JSON.parse(line)).find((webhook) => webhook.url === url);
    };
    expect(await milepost('create', 'http://127.0.0.1:9/vans', '--groups', 'vans')).toMatchObject({ code: 0 });
    const made = await groupsOf('http://127.0.0.1:9/vans');
    expect(made.groupIds).toEqual([group]);
    expect(await milepost('update', made.id, '--groups', '')).toMatchObject({ code: 0 });
    expect((await groupsOf(made.url)).groupIds).toEqual([]);
    expect(await milepost('update', made.id, '--groups', group)).toMatchObject({ code: 0 });
    expect((await groupsOf(made.url)).groupIds).toEqual([group]);
    expect(await milepost('update', made.id, '--groups', 'vans,nope')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no group "nope" in the key’s organisation'),
    });
    expect(await milepost('delete', made.id)).toMatchObject({ code: 0 });
  });

  test('a test that nobody takes says where it went and what to do', async () => {
    expect(await milepost('create', 'http://127.0.0.1:1/nobody')).toMatchObject({ code: 0 });
    const listed = (await milepost('list', '--json')).stdout.trim().split('\n');
    const { id } = listed.map((line) => JSON.parse(line)).find(({ url }) => url === 'http://127.0.0.1:1/nobody');
    expect(await milepost('test', id)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ECONNREFUSED 127\.0\.0\.1:1 .*\nNothing listens at http:\/\/127\.0\.0\.1:1\/nobody/),
    });
    expect(await milepost('delete', id)).toMatchObject({ code: 0 });
  });

  test('says what to set when there is no key, and what the API refuses', async () => {
    const { MILEPOST_API_KEY: _, ...keyless } = environment;
    expect(await runCli(['webhooks', 'list'], keyless)).toMatchObject({ code: 1, stderr: expect.stringContaining('MILEPOST_API_KEY') });
    expect(await milepost('create', 'https://10.0.0.1/')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('milepost: the URL: 10.0.0.1 is not a public address'),
    });
    expect((await milepost('create', 'https://example.com/', '--types', 'nonsense')).stderr).toContain('--types, number 1: must be one of');
    expect((await milepost('test', 'nonsense')).stderr).toContain('`npx milepost webhooks list` lists them');
    expect((await runCli(['webhooks', 'list'], { ...environment, MILEPOST_API_URL: 'http://127.0.0.1:1' })).stderr).toContain(
      'does not answer',
    );
  });
});
