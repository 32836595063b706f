import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccessControl, loadAccessControl } from './access-control.js';
import { addUser, removeUser, setUserDisabled, setUserPassword } from './users/edit-users.js';

const password = Buffer.from('correct horse');
let folder: string;
let usersFile: string;
let aclFile: string;
let access: AccessControl;
let problems: string[];
let changes: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-access-'));
  usersFile = join(folder, 'users.jsonl');
  aclFile = join(folder, 'acl');
  problems = [];
  changes = 0;
  await addUser(usersFile, { name: 'anna', organisation: 'acme', password });
  await writeFile(aclFile, 'pattern read fleet/#\n');
  access = await loadAccessControl({ usersFile, aclFile, pollMs: 60_000, onProblem: ({ message }) => problems.push(message) });
  access.onChange(() => {
    changes += 1;
  });
});
afterEach(async () => {
  access.close();
  await rm(folder, { recursive: true });
});

const login = async () => {
  const outcome = await access.login('anna', password, '192.0.2.1');
  if (outcome.kind !== 'right') throw new Error(outcome.kind);
  return outcome.user;
};

describe('access control', () => {
  it('follows the ACL, and keeps the last good one while it is wrong', async () => {
    const user = await login();
    expect(access.rightsOf(user, 'c').maySubscribe('fleet/#')).toBe(true);
    await writeFile(aclFile, 'pattern read fleet/+/location\n');
    await access.reload();
    expect(access.rightsOf(user, 'c').maySubscribe('fleet/#')).toBe(false);
    await writeFile(aclFile, 'pattern raed fleet/#\n');
    await access.reload();
    expect(access.rightsOf(user, 'c').maySubscribe('fleet/+/location')).toBe(true);
    expect(problems).toEqual([expect.stringMatching(/acl cannot be used: line 1: "raed"/)]);
    expect(changes).toBe(1);
  });

  it.each([
    ['removed', () => removeUser(usersFile, 'anna')],
    ['disabled', () => setUserDisabled(usersFile, 'anna', true)],
    ['given another password', () => setUserPassword(usersFile, 'anna', Buffer.from('another one'))],
    [
      'moved to another organisation',
      async () => {
        await removeUser(usersFile, 'anna');
        await addUser(usersFile, { name: 'anna', organisation: 'rivals', password });
      },
    ],
  ])('a user who is %s is told of, and the login no longer stands', async (_what, change) => {
    const user = await login();
    expect(access.stands(user)).toBe(true);
    await change();
    await access.reload();
    expect(changes).toBe(1);
    expect(access.stands(user)).toBe(false);
  });

  it('a login stands when others come and go, and when the file is wrong for a while', async () => {
    const user = await login();
    await addUser(usersFile, { name: 'berta', organisation: 'acme', password });
    await access.reload();
    expect(access.userCount).toBe(2);
    await writeFile(usersFile, 'what?\n');
    await access.reload();
    expect(access.stands(user)).toBe(true);
    expect(await access.login('anna', password, '192.0.2.1')).toMatchObject({ kind: 'right' });
  });

  it('a removed user is not let in by an earlier success', async () => {
    await login();
    await removeUser(usersFile, 'anna');
    await access.reload();
    expect(await access.login('anna', password, '192.0.2.1')).toEqual({ kind: 'wrong' });
  });

  it('cannot start with a wrong file', async () => {
    await writeFile(aclFile, 'x');
    await expect(loadAccessControl({ usersFile, aclFile })).rejects.toMatchObject({ code: 'acl_unreadable' });
    await expect(loadAccessControl({ usersFile: join(folder, 'none'), aclFile })).rejects.toThrow('ENOENT');
  });
});
