import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchesPassword } from '../password/password-hash.js';
import { addUser, removeUser, setUserDisabled, setUserPassword } from './edit-users.js';
import { userLimits } from './user.js';
import { parseUsers, readUsers } from './users-file.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-users-'));
  file = join(folder, 'access', 'users.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const add = (name: string, password = 'correct horse') => addUser(file, { name, organisation: 'acme', password: Buffer.from(password) });
const user = async (name: string) => (await readUsers(file)).get(name);

describe('the users file', () => {
  it('is made with the first user, readable by its owner alone, and holds no password', async () => {
    await add('anna');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain('correct horse');
    const made = await user('anna');
    expect(made).toMatchObject({ name: 'anna', organisation: 'acme', disabled: false, password: { n: 32_768, r: 8, p: 1 } });
    expect(made && (await matchesPassword(Buffer.from('correct horse'), made.password))).toBe(true);
    expect(made && (await matchesPassword(Buffer.from('correct house'), made.password))).toBe(false);
  });

  it('gives two users of one password different hashes', async () => {
    await add('anna');
    await add('berta');
    expect((await user('anna'))?.password.hash).not.toEqual((await user('berta'))?.password.hash);
  });

  it('keeps comments and the other users as they are when one is changed', async () => {
    await add('anna');
    await writeFile(file, `# ours\n\n${await readFile(file, 'utf8')}`);
    await add('berta');
    const [comment, empty, anna] = (await readFile(file, 'utf8')).split('\n');
    await setUserPassword(file, 'berta', Buffer.from('another one'));
    await setUserDisabled(file, 'berta', true);
    expect(await user('berta')).toMatchObject({ disabled: true });
    expect((await readFile(file, 'utf8')).split('\n').slice(0, 3)).toEqual([comment, empty, anna]);
    await removeUser(file, 'berta');
    expect(await readFile(file, 'utf8')).toBe(`${comment}\n${empty}\n${anna}\n`);
  });

  it('loses nobody when several are added at a time', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => add(name)));
    expect([...(await readUsers(file)).keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is left alone by what is refused', async () => {
    await add('anna');
    const before = await readFile(file, 'utf8');
    await expect(add('anna')).rejects.toMatchObject({ code: 'user_exists' });
    await expect(add('anna+')).rejects.toMatchObject({ code: 'bad_user_name' });
    await expect(add('berta', 'short')).rejects.toMatchObject({ code: 'bad_password' });
    await expect(removeUser(file, 'berta')).rejects.toMatchObject({ code: 'unknown_user' });
    await expect(setUserPassword(file, 'berta', Buffer.from('long enough'))).rejects.toMatchObject({ code: 'unknown_user' });
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});

describe('a users file that is full', () => {
  it('takes nothing more than can be read again', async () => {
    await add('anna');
    const anna = await readFile(file, 'utf8');
    const full = `${anna}#${' '.repeat(userLimits.maxFileBytes - anna.length - 100)}\n`;
    await writeFile(file, full);
    await expect(add('berta')).rejects.toMatchObject({ code: 'users_full', message: expect.stringContaining('Remove users first') });
    expect(await readFile(file, 'utf8')).toBe(full);
    await removeUser(file, 'anna');
    await add('berta');
    expect([...(await readUsers(file)).keys()]).toEqual(['berta']);
  });
});

describe('a users file without room for another byte', () => {
  const comment = (bytes: number) => `#${' '.repeat(bytes - 2)}\n`;
  beforeEach(async () => {
    await add('anna');
    await add('berta');
    const users = await readFile(file, 'utf8');
    await writeFile(file, `${users}${comment(userLimits.maxFileBytes - users.length)}`);
  });

  it('still lets users be disabled, enabled and removed, and given another password', async () => {
    await setUserDisabled(file, 'anna', true);
    await setUserDisabled(file, 'berta', true);
    expect(await user('anna')).toMatchObject({ disabled: true });
    expect(await user('berta')).toMatchObject({ disabled: true });
    await setUserPassword(file, 'berta', Buffer.from('another one'));
    await setUserDisabled(file, 'berta', false);
    expect(await user('berta')).toMatchObject({ disabled: false });
    await removeUser(file, 'berta');
    expect([...(await readUsers(file)).keys()]).toEqual(['anna']);
  });

  it('takes nobody into the room that is kept for disabling', async () => {
    await expect(add('carla')).rejects.toMatchObject({ code: 'users_full' });
    await setUserDisabled(file, 'anna', true);
    await expect(add('carla')).rejects.toMatchObject({ code: 'users_full' });
  });
});

describe('a wrong line is refused with its number', () => {
  const scrypt = { n: 32_768, r: 8, p: 1, salt: Buffer.alloc(16).toString('base64'), hash: Buffer.alloc(32).toString('base64') };
  const line = (more: object = {}) => JSON.stringify({ name: 'anna', organisation: 'acme', scrypt, ...more });

  it.each([
    ['{"name":', /line 2: it is not JSON/],
    [line({ organisation: undefined }), /line 2: .*organisation/],
    [line({ admin: true }), /line 2: .*additional/],
    [line({ name: 'a/b' }), /line 2: "a\/b" is no user name/],
    [line({ organisation: ' ' }), /line 2: \/organisation/],
    [line({ scrypt: { ...scrypt, n: 1_024 } }), /line 2: \/scrypt\/n/],
    [line({ scrypt: { ...scrypt, n: 2 ** 30 } }), /line 2: \/scrypt\/n/],
    [line({ scrypt: { ...scrypt, n: 20_000 } }), /line 2: \/scrypt\/n must be a power of two/],
    [line({ scrypt: { ...scrypt, hash: 'AA==' } }), /line 2: \/scrypt\/hash/],
    [line({ scrypt: { ...scrypt, salt: '*' } }), /line 2: \/scrypt\/salt/],
  ])('%s', (text, message) => expect(() => parseUsers(`# users\n${text}\n`, 'users')).toThrow(message));

  it('does not show what stands in a line that is not JSON', () => {
    const parse = () => parseUsers('s3cret', 'users');
    expect(parse).toThrow('is this the users file?');
    expect(parse).not.toThrow('s3cret');
  });

  it('says of a folder that it is one', async () => {
    await expect(readUsers('/')).rejects.toThrow('The users in / cannot be used: it is a folder; name the file in it.');
  });

  it('names both lines of a user who stands there twice', () => {
    expect(() => parseUsers(`${line()}\n\n${line()}\n`, '/etc/users')).toThrow(
      'The users in /etc/users cannot be used: line 3: the user "anna" stands there twice, first in line 1.',
    );
  });
});
