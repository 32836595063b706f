import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { processStartTime } from '@milepost/backing-services';
import { expect, onTestFinished, test } from 'vitest';

const scriptOf = (name: string) => fileURLToPath(new URL(`../../../scripts/${name}.mjs`, import.meta.url));

/** A script of package.json with these. */
const run = (script: string, args: string[], environment: Record<string, string> = {}) =>
  new Promise<{ code: number; said: string; complained: string }>((resolve) => {
    const env = { PATH: process.env.PATH, MILEPOST_DATA_DIR: '/nonexistent', ...environment };
    execFile(process.execPath, [scriptOf(script), ...args], { env, timeout: 60_000 }, (error, said, complained) => {
      resolve({ code: error === null ? 0 : Number(error.code), said, complained });
    });
  });

const start = (args: string[], environment?: Record<string, string>) => run('start', args, environment);

test.each<[string[], Record<string, string>, number, string]>([
  [['--fleet', 'many'], {}, 2, '--fleet takes a whole number'],
  [[], { HTTP_PORT: 'nonsense' }, 1, 'HTTP_PORT'],
  [[], { WEBHOOK_ALLOW: 'foo' }, 1, 'WEBHOOK_ALLOW: "foo" is not a network'],
  [['--replay', scriptOf('start')], {}, 1, 'Line 1 must be'],
])('start %j with %j is told before anything is built', async (args, environment, wanted, message) => {
  const { code, said, complained } = await start(args, environment);
  expect({ code, said }).toEqual({ code: wanted, said: '' });
  expect(complained).toContain(message);
});

test('a stack that runs with the data folder is told before anything is built', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'milepost-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'layout'), '1\n');
  const stack = { pid: process.pid, startedAt: processStartTime(process.pid) };
  writeFileSync(join(folder, 'running.json'), JSON.stringify({ stack, processes: [] }));
  const { code, said, complained } = await start([], { MILEPOST_DATA_DIR: folder });
  expect({ code, said }).toEqual({ code: 1, said: '' });
  expect(complained).toContain(`A stack is already running with ${folder} (pid ${process.pid}).`);
});

test.each([
  ['bench', ['pipeline', '--rate', '-1'], '--rate takes a whole number'],
  ['chaos', ['--faults', 'earthquake'], 'There is no fault "earthquake"'],
  ['chaos', ['--sabotage', 'nosuch'], 'There is no sabotage "nosuch"'],
  ['chaos', ['--seed', '1', '--sabotage', 'nosuch'], 'There is no sabotage "nosuch"'],
  ['fuzz', ['--nosuch'], "Unknown option '--nosuch'"],
])('%s %j is told before anything is built, with 2', async (script, args, message) => {
  const { code, said, complained } = await run(script, args);
  expect({ code, said }).toEqual({ code: 2, said: '' });
  expect(complained).toContain(message);
});

test.each([
  ['start', ['--help'], '--no-fleet'],
  ['chaos', ['--help'], '--kafka-nodes'],
  ['simulate', ['--help'], '--hours'],
])('the help of %s %j needs no build', async (script, args, option) => {
  const { code, said } = await run(script, args);
  expect(code).toBe(0);
  expect(said).toContain(option);
  expect(said).not.toContain('building');
});

test('a check that cannot be made is told, and why', async () => {
  // More than Linux takes in one argument.
  const script = `
    const { checkOptions } = await import('${new URL('../../../scripts/check-before-build.mjs', import.meta.url).href}');
    checkOptions('test/fuzz/options.ts', ['x'.repeat(1 << 20)]);
  `;
  const child = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  await expect(child).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^milepost: the options could not be checked: spawnSync .* E2BIG\n$/),
  });
});

test('nothing of the check stays behind', async () => {
  const module = new URL('../../../scripts/check-before-build.mjs', import.meta.url).href;
  const script = `
    const { checkOptions } = await import('${module}');
    await checkOptions('test/fuzz/options.ts', ['--seed', '1']);
    const { readFileSync } = await import('node:fs');
    console.log('children:', readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8'));
  `;
  const { stdout: said } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  expect(said).toBe('children: \n');
});
