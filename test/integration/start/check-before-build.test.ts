import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

test('wrong options and variables are told before anything is built', async () => {
  const options = await start(['--fleet', 'many']);
  expect(options).toMatchObject({ code: 2, complained: expect.stringContaining('--fleet takes a whole number') });
  const variables = await start([], { HTTP_PORT: 'nonsense' });
  expect(variables).toMatchObject({ code: 1, complained: expect.stringContaining('HTTP_PORT') });
  const networks = await start([], { WEBHOOK_ALLOW: 'foo' });
  expect(networks).toMatchObject({ code: 1, complained: expect.stringContaining('WEBHOOK_ALLOW: "foo" is not a network') });
  const drive = await start(['--replay', scriptOf('start')]);
  expect(drive).toMatchObject({ code: 1, complained: expect.stringContaining('Line 1 must be') });
  const help = await start(['--help']);
  expect(help).toMatchObject({ code: 0, said: expect.stringContaining('--no-fleet') });
  for (const { said } of [options, variables, networks, drive, help]) expect(said).not.toContain('building');
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
  ['chaos', ['--help'], '--kafka-nodes'],
  ['simulate', ['--help'], '--hours'],
])('the help of %s %j needs no build', async (script, args, option) => {
  const { code, said } = await run(script, args);
  expect(code).toBe(0);
  expect(said).toContain(option);
  expect(said).not.toContain('building');
});
