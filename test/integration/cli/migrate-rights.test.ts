import { randomBytes } from 'node:crypto';
import { databaseUrl, onceNotInUse, useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { runCli } from './run-cli.js';

const scope = useTestScope();

test('migrate says in a sentence that who asks may make no roles, and shows no migration', async () => {
  const { owner, ownerUrl } = await scope.database();
  const name = `plain_${randomBytes(4).toString('hex')}`;
  await owner.query(`create role ${name} login password 'secret'`);
  await onceNotInUse(owner, `create database ${name} owner ${name}`);
  scope.onEnd(async () => {
    await onceNotInUse(owner, `drop database ${name} with (force)`);
    await owner.query(`drop role ${name}`);
  });
  const url = new URL(databaseUrl(ownerUrl, name));
  url.username = name;
  url.password = 'secret';
  const { code, stderr } = await runCli(['migrate', '--no-topics'], { DATABASE_URL: url.href });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^milepost: The database refuses it \(permission denied to create role\)\. .*CREATEROLE.*\n$/);
});
