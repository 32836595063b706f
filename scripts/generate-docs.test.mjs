import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const docs = (...args) => spawnSync(process.execPath, ['scripts/generate-docs.mjs', ...args], { cwd: folder, encoding: 'utf8' });

it.each(['--chek', 'check'])('%s, which is no option, writes nothing and ends with 2', (arg) => {
  expect(docs(arg)).toMatchObject({ status: 2, stdout: '', stderr: `milepost: Unknown argument '${arg}'. --help says what there is.\n` });
});

it('the help ends with 0', () => {
  expect(docs('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--check'), stderr: '' });
});
