import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { runCli } from './run-cli.js';

const scope = useTestScope();

test('users are added, listed, given another password, disabled, enabled and removed, and never shown with one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-users-'));
  scope.onEnd(() => rm(folder, { recursive: true }));
  const users = join(folder, 'users.jsonl');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, 'correct horse\n');
  const add = ['users', 'add', 'anna', '--organisation', 'acme', '--users', users, '--password-file', passwordFile];
  // Whoever was let in may do nothing yet, and would look for a fault in the password.
  expect(await runCli(add)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('what no rule there allows is refused'),
  });
  expect(await runCli(add)).toMatchObject({ code: 1, stderr: expect.stringContaining('users passwd') });
  expect(await runCli(['users', 'list'], { MQTT_USERS_FILE: users })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/anna +acme +enabled\n$/),
  });
  expect(await runCli(['users', 'passwd', 'anna', '--users', users, '--password-file', passwordFile])).toMatchObject({ code: 0 });
  for (const [verb, state] of [
    ['disable', 'disabled'],
    ['enable', 'enabled'],
  ] as const) {
    expect(await runCli(['users', verb, 'anna', '--users', users])).toMatchObject({ code: 0 });
    const { stdout } = await runCli(['users', 'list', '--users', users]);
    expect(stdout).toMatch(new RegExp(`anna +acme +${state}`));
  }
  expect(await runCli(['users', 'passwd', 'anna', '--users', users])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--stdin'),
  });
  // Nobody is to type a password for a user that there is not.
  expect(await runCli(['users', 'passwd', 'nobody', '--users', users])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has no user "nobody"'),
  });
  expect(await runCli(['users', 'remove', 'anna', '--users', users])).toMatchObject({ code: 0 });
  expect(await runCli(['users', 'remove', 'anna', '--users', users])).toMatchObject({ code: 1 });
  expect(await runCli(['users', 'add', 'a/b', '--organisation', 'x', '--users', users, '--password-file', passwordFile])).toMatchObject({
    code: 2,
  });
});
