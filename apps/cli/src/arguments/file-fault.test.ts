import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { fileFault } from './file-fault.js';

const thisFile = fileURLToPath(import.meta.url);
const faultOf = (attempt: Promise<unknown>) => attempt.then(() => undefined, fileFault);

it('names the file and what is wrong with it', async () => {
  expect(await faultOf(mkdir(join(thisFile, 'below'), { recursive: true }))).toMatch(/file-fault\.test\.ts.*is a file \(ENOTDIR\)/);
  expect(await faultOf(mkdir(thisFile))).toMatch(/file-fault\.test\.ts: something of that name/);
  expect(await faultOf(readFile(join(tmpdir(), 'nowhere', 'at-all')))).toMatch(/nowhere\/at-all: it is not there/);
});

it.each([
  ['libs/database/sql/nowhere.sql', '`git restore libs/database/sql/nowhere.sql`'],
  ['libs/backing-services/kafka/nowhere.template', '`git restore libs/backing-services/kafka/nowhere.template`'],
  ['migrations/0001_nowhere.sql', '`git restore migrations/0001_nowhere.sql`'],
  ['apps/cli/dist/nowhere.js', '`npm ci && npm run build`'],
  ['node_modules/nowhere/package.json', '`npm ci && npm run build`'],
])('says of %s, which is milepost itself, that it is missing and what puts it back', async (path, remedy) => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const fault = await faultOf(readFile(join(root, path)));
  expect(fault).toBe(`${join(root, path)}: a file of milepost itself is missing (ENOENT). Put it back with ${remedy} in ${root}.`);
});

it.each(['apps/policy.json', 'apps/mine/src/policy.json', 'apps/cli/policy.json', 'libs/fleet/dist/policy.json', 'migrations/policy.json'])(
  'says of %s, which is the user’s own, what it says of any',
  async (path) => {
    const file = join(fileURLToPath(new URL('../../../..', import.meta.url)), path);
    expect(await faultOf(readFile(file))).toBe(`${file}: it is not there, or cannot be made there (ENOENT).`);
  },
);

it('says of a data folder in the folder of milepost what it says of any', async () => {
  const file = fileURLToPath(new URL('../../../../.milepost-of-a-test/stack.json', import.meta.url));
  expect(await faultOf(readFile(file))).toMatch(/it is not there/);
});

it('says that the disk is full, though Node does not say which file it wrote to', async () => {
  expect(await faultOf(writeFile('/dev/full', 'x'))).toBe('A file could not be written: its disk is full (ENOSPC).');
});

it('leaves what is a bug a bug', () => {
  expect(fileFault(new TypeError('x is not a function'))).toBeUndefined();
  expect(fileFault(Object.assign(new Error('no such module'), { code: 'ENOENT' }))).toBeUndefined();
});
