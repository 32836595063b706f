import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUser } from '@milepost/access';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { CliError } from './cli-error.js';
import { createProgram } from './program.js';
import { Installation } from './reaching/installation.js';

const written = { stdout: '', stderr: '' };

beforeEach(() => {
  for (const name of ['stdout', 'stderr'] as const) {
    written[name] = '';
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** The exit code, and everything that was said, where nothing runs. */
const milepost = (...args: string[]) => milepostWith({}, ...args);

async function milepostWith(environment: Record<string, string>, ...args: string[]): Promise<{ code: number; said: string }> {
  const program = createProgram(new Installation({ MILEPOST_DATA_DIR: '/nonexistent', ...environment }, '/'));
  try {
    await program.parseAsync(args, { from: 'user' });
    return { code: 0, said: written.stdout };
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, said: written.stdout + written.stderr };
    if (error instanceof CliError) return { code: error.exitCode, said: error.message };
    throw error;
  }
}

describe('the command line', () => {
  test('says its version', async () => {
    expect(await milepost('--version')).toEqual({ code: 0, said: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test('names the commands that there are for one that is none, and the nearest', async () => {
    expect(await milepost('frobnicate')).toEqual({ code: 2, said: expect.stringMatching(/Known here: pki, keys, .*doctor/) });
    expect(await milepost('keys', 'frobnicate')).toEqual({ code: 2, said: expect.stringContaining('Known here: create, list, revoke') });
    expect(await milepost('webhook', 'list')).toEqual({ code: 2, said: expect.stringContaining('Did you mean webhooks?') });
  });

  test('takes no option for the value that was forgotten before it', async () => {
    const missing = (flags: string, came: string) => ({
      code: 2,
      said: expect.stringContaining(`the value of ${flags} is missing: ${came} came`),
    });
    expect(await milepost('pki', 'init', '--organisations', '--pki', 'x')).toEqual(missing('--organisations <names...>', '--pki'));
    expect(await milepost('pki', 'init', '--name', '--pki', 'x')).toEqual(missing('--name <name>', '--pki'));
    expect(await milepost('alerts', 'list', '--since', '--json')).toMatchObject({ code: 2 });
  });

  test('does nothing to a whole organisation by a word forgotten', async () => {
    const refused = { code: 2, said: expect.stringContaining('--whole-organisation') };
    expect(await milepost('mutes', 'add', '--until', '+2h')).toEqual(refused);
    expect(await milepost('mutes', 'add', '--vehicle', 'a', '--whole-organisation')).toEqual(refused);
    expect(await milepost('mutes', 'add', '--vehicle', 'a', '--group', 'b')).toEqual(refused);
    expect(await milepost('policies', 'set', 'graceSeconds=60')).toEqual(refused);
    expect(await milepost('policies', 'set', 'graceSeconds=60', '--organisation', 'acme')).toEqual(refused);
    expect(await milepost('policies', 'set', 'graceSeconds=60', '--group', 'a', '--vehicle', 'b')).toEqual(refused);
    expect(await milepost('policies', 'unset')).toEqual(refused);
    expect(await milepost('policies', 'unset', '--organisation', 'acme')).toEqual(refused);
    expect(await milepost('policies', 'unset', '--group', 'a', '--whole-organisation')).toEqual(refused);
  });

  test.each([
    ['alerts', 'list'],
    ['incidents', 'list'],
    ['webhooks', 'deliveries', 'id'],
    ['webhooks', 'replay', 'id'],
  ])('takes 7d for seven days ago: %s %s', async (...command) => {
    expect(await milepost(...command, '--since', '7d')).toEqual({ code: 1, said: expect.stringContaining('No stack runs') });
    expect(await milepost(...command, '--since', '7y')).toMatchObject({ code: 2 });
  });

  test.each([
    ['mutes', 'add', '--vehicle', 'a', '--until'],
    ['mutes', 'add', '--vehicle', 'a', '--from'],
    ['alerts', 'snooze', 'id', '--until'],
  ])('takes 2h for in two hours: %s %s', async (...command) => {
    expect(await milepost(...command, '2h')).toEqual({ code: 1, said: expect.stringContaining('No stack runs') });
    expect(await milepost(...command, '2y')).toMatchObject({ code: 2 });
  });

  test.each(['abc', '1.5', '', '1001', '-1001'])('takes %j for no priority of a group', async (text) => {
    const refused = { code: 2, said: expect.stringContaining('Give a whole number from -1000 to 1000') };
    expect(await milepost('policies', 'set', '--group', 'vans', 'graceSeconds=60', '--priority', text)).toEqual(refused);
  });

  test('says that it is Postgres which cannot be reached, and where it is named, without the password', async () => {
    const said = async (url: string) => (await milepostWith({ DATABASE_URL: url }, 'keys', 'list')).said;
    expect(await said('nonsense')).toMatch(/^DATABASE_URL holds no connection string of Postgres/);
    const refused = await said('postgres://owner:secret@127.0.0.1:1/x');
    expect(refused).toMatch(/^No connection to Postgres at 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\)\. Check DATABASE_URL/);
    expect(refused).not.toContain('secret');
  });

  test.each(['p/ss@db/x', 'p#ss@db/x', 'p?ss@db/x', 'pass@db:99999/x'])(
    'says how a password is written in a DATABASE_URL like …%s',
    async (rest) => {
      const { said } = await milepostWith({ DATABASE_URL: `postgres://owner:hidden${rest}` }, 'keys', 'list');
      expect(said).toMatch(/^DATABASE_URL cannot be read as a URL: .*\/ as %2F/);
      expect(said).not.toContain('hidden');
    },
  );

  test.each(['postgres://u:p@/x?host=/nonexistent', 'postgresql:///x?host=/nonexistent', 'postgres://u:100%@127.0.0.1:1/x'])(
    'takes %s, as the driver does',
    async (url) => {
      const { said } = await milepostWith({ DATABASE_URL: url }, 'keys', 'list');
      expect(said).toMatch(/^No connection to Postgres/);
    },
  );

  test('makes no certificates for hosts, names and organisations that cannot be', async () => {
    const pki = ['--pki', '/proc/nonexistent'];
    const refused = (advice: string) => ({ code: 2, said: expect.stringContaining(advice) });
    expect(await milepost('pki', 'init', ...pki, '--host', 'mqtts://broker:8883')).toEqual(refused('Give a host name or an address alone'));
    expect(await milepost('pki', 'init', ...pki, '--name', '')).toEqual(refused('Give 1 to 128 characters'));
    expect(await milepost('pki', 'init', ...pki, '--organisations', 'acme', '')).toEqual(refused('Give 1 to 64 printable characters'));
    expect(await milepost('pki', 'issue', 'a', ...pki, '--out', '/nonexistent', '--organisation', '')).toEqual(refused('Give 1 to 64'));
    const unreadable = '/proc/nonexistent/issued.json lists them';
    expect(await milepost('pki', 'revoke', ...pki, '--serial', 'xyz')).toEqual(refused(unreadable));
  });

  test('makes certificates for every host and organisation that is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'milepost-pki-'));
    try {
      const named = ['--host', 'broker', '10.0.0.5', '--organisations', 'acme', 'ümlaut'];
      expect(await milepost('pki', 'init', '--pki', folder, ...named)).toMatchObject({ code: 0 });
      const certificate = new X509Certificate(readFileSync(join(folder, 'server.crt')));
      expect([certificate.checkHost('broker'), certificate.checkIP('10.0.0.5')]).toEqual(['broker', '10.0.0.5']);
      expect(JSON.parse(readFileSync(join(folder, 'trusted-cas.json'), 'utf8'))).toMatchObject([{ organisations: ['acme', 'ümlaut'] }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('makes no key, group or geofence without a name', async () => {
    const refused = { code: 2, said: expect.stringContaining('Give 1 to 128 characters') };
    expect(await milepost('keys', 'create', '--name', '', '--scopes', 'read')).toEqual(refused);
    expect(await milepost('keys', 'create', '--name', 'a', '--organisation', '', '--scopes', 'read')).toEqual(refused);
    expect(await milepost('groups', 'create', '')).toEqual(refused);
    expect(await milepost('geofences', 'add', '', '--circle', '1,2,300')).toEqual(refused);
  });

  test('replays one delivery, or those of a time that a status chooses', async () => {
    const refused = { code: 2, said: expect.stringContaining('they go with --since') };
    expect(await milepost('webhooks', 'replay', 'id', 'delivery', '--status', 'dead')).toEqual(refused);
    expect(await milepost('webhooks', 'replay', 'id', 'delivery', '--until', '1h')).toEqual(refused);
  });

  test('says of `migrate`, too, that it is Postgres which cannot be reached', async () => {
    expect(await milepostWith({ DATABASE_URL: 'postgres://127.0.0.1:1/x' }, 'migrate')).toEqual({
      code: 1,
      said: expect.stringMatching(/^No connection to Postgres at 127\.0\.0\.1:1 .*Check DATABASE_URL/),
    });
    expect((await milepostWith({ DATABASE_URL: 'mysql://db/x' }, 'migrate')).said).toContain('no connection string of Postgres');
  });

  test('names the variable whose value cannot be used, and shows no key', async () => {
    const said = async (environment: Record<string, string>) =>
      (await milepostWith({ MILEPOST_API_URL: 'http://127.0.0.1:1', MILEPOST_API_KEY: 'mp_x', ...environment }, 'alerts', 'list')).said;
    expect(await said({ MILEPOST_API_URL: '127.0.0.1:8080' })).toMatch(/^MILEPOST_API_URL: "127\.0\.0\.1:8080" is no address/);
    expect(await said({ MILEPOST_API_URL: '127.0.0.1:8080', MILEPOST_API_KEY: '' })).toMatch(/^MILEPOST_API_URL: /);
    expect(await said({ MILEPOST_API_KEY: '' })).toMatch(
      /^Set MILEPOST_API_KEY .*key in stack\.json is not sent to what MILEPOST_API_URL names/,
    );
    for (const key of ['mp_s3cret…', 'mp_s3cret\nx']) {
      const refused = await said({ MILEPOST_API_KEY: key });
      expect(refused).toMatch(/^MILEPOST_API_KEY holds characters/);
      expect(refused).not.toContain('s3cret');
    }
    const level = await milepostWith({ LOG_LEVEL: 'loud', DATABASE_URL: 'postgres://127.0.0.1:1/x' }, 'keys', 'list');
    expect(level).toEqual({ code: 1, said: expect.stringMatching(/^LOG_LEVEL: "loud" must be one of trace, .*silent\.$/) });
  });

  test('says that a file of policies is not there', async () => {
    const { said } = await milepost('alerts', 'backtest', '--policy', '/nowhere/p.json', '--since', '7d');
    expect(said).toBe('--policy: /nowhere/p.json cannot be read: there is no such file; check the path.');
  });

  test.each([['list'], ['disable', 'anna'], ['enable', 'anna'], ['remove', 'anna']])(
    'says that there is no users file: users %s',
    async (...command) => {
      await expect(milepost('users', ...command)).rejects.toMatchObject({
        code: 'users_unreadable',
        message: expect.stringMatching(/^There is no users file \/nonexistent\/access\/users\. `npx milepost users add` makes it/),
      });
    },
  );

  test('users add judges name, organisation and who is there already before it wants the password', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'milepost-users-'));
    const file = join(folder, 'users');
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await addUser(file, { name: 'anna', organisation: 'acme', password: Buffer.from('correct horse') });
    // Nobody is there to type one, which is said of a user that may be added.
    const add = (name: string, organisation: string) => milepost('users', 'add', name, '--organisation', organisation, '--users', file);
    expect(await add('berta', 'acme')).toEqual({ code: 2, said: expect.stringContaining('no terminal to ask for the password') });
    await expect(add('a/b', 'acme')).rejects.toMatchObject({ code: 'bad_user_name' });
    await expect(add('berta', ' ')).rejects.toMatchObject({ code: 'bad_organisation' });
    await expect(add('anna', 'acme')).rejects.toMatchObject({ code: 'user_exists' });
  });

  test('doctor says one thing of a stack that is not there, and one of the certificates', async () => {
    const { said } = await milepost('doctor');
    expect(said.match(/^fail {2}[^:]*/gm)).toEqual(['fail  Stack', 'fail  Certificate authority']);
    expect(said).toMatch(/npm start[\s\S]*DATABASE_URL[\s\S]*pki init/);
    expect(said).not.toMatch(/backup|Delete/);
    expect(process.exitCode).toBe(1);
  });

  test('doctor looks at what the environment names, stack or none', async () => {
    const { said } = await milepostWith({ DATABASE_URL: 'postgres://127.0.0.1:1/x' }, 'doctor');
    expect(said).toMatch(/^fail {2}Postgres: .*ECONNREFUSED/m);
    expect(said).not.toMatch(/^fail {2}Kafka/m);
  });

  test('takes no priority where there is no group', async () => {
    const refused = { code: 2, said: expect.stringContaining('--priority decides between groups') };
    expect(await milepost('policies', 'set', '--vehicle', 'a', 'graceSeconds=60', '--priority', '3')).toEqual(refused);
  });

  test('sets no policy with a maintenance window that ends before it begins', async () => {
    const window = 'maintenanceWindows=[{"from":"2026-11-24T06:00:00Z","to":"2026-11-24T05:00:00Z"}]';
    const refused = { code: 2, said: expect.stringContaining('maintenanceWindows, number 1, to: must be later than from') };
    expect(await milepost('policies', 'set', '--group', 'vans', window)).toEqual(refused);
  });

  test('sets no policy that says nothing', async () => {
    const refused = { code: 2, said: expect.stringContaining('at least one setting') };
    expect(await milepost('policies', 'set')).toEqual(refused);
    expect(await milepost('policies', 'set', '--group', 'vans', '--priority', '3')).toEqual(refused);
  });

  test('the doctor says that stack.json is unreadable, and looks at what it can', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'milepost-doctor-'));
    const look = (environment: Record<string, string>) => {
      written.stdout = '';
      return milepostWith({ MILEPOST_DATA_DIR: folder, ...environment }, 'doctor');
    };
    try {
      writeFileSync(join(folder, 'stack.json'), '{"apiUrl":');
      const alone = (await look({})).said;
      expect(alone).toMatch(
        /^fail {2}Stack: .*stack\.json cannot be read \(.*\n.*→ Restart the stack.* set DATABASE_URL and KAFKA_BROKERS\.$/m,
      );
      expect(alone).toContain('fail  Certificate authority');
      expect(process.exitCode).toBe(1);
      writeFileSync(join(folder, 'stack.json'), '{}');
      const { said } = await look({ DATABASE_URL: 'postgres://127.0.0.1:1/x', KAFKA_BROKERS: '127.0.0.1:1' });
      expect(said).toMatch(
        /^fail {2}Stack: .*stack\.json is not of this version of milepost\n.*→ Restart the stack; it writes it anew\.$/m,
      );
      expect(said).toMatch(/^fail {2}Postgres: .*127\.0\.0\.1:1/m);
      expect(said).toMatch(/^fail {2}Kafka: 127\.0\.0\.1:1 does not answer/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
