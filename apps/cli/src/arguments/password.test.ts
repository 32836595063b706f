import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstLine, readPassword } from './password.js';

test.each([
  ['secret', 'secret'],
  ['secret\n', 'secret'],
  ['secret\r\nmore', 'secret'],
  ['\n', ''],
])('of %j the password is %j', (content, password) => expect(firstLine(Buffer.from(content))).toEqual(Buffer.from(password)));

test('a password comes from a file, and a missing one is told by its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-password-'));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, ' with spaces \n');
  expect(String(await readPassword({ passwordFile }))).toBe(' with spaces ');
  await rm(folder, { recursive: true });
  await expect(readPassword({ passwordFile })).rejects.toThrow(`${passwordFile} cannot be read: there is no such file`);
  await expect(readPassword({ passwordFile, stdin: true })).rejects.toMatchObject({ exitCode: 2 });
});
