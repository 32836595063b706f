import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

/** `npm start` with these. */
const start = (args: string[], environment: Record<string, string> = {}) =>
  new Promise<{ code: number; said: string; complained: string }>((resolve) => {
    const env = { PATH: process.env.PATH, MILEPOST_DATA_DIR: '/nonexistent', ...environment };
    execFile(process.execPath, [script, ...args], { env, timeout: 60_000 }, (error, said, complained) => {
      resolve({ code: error === null ? 0 : Number(error.code), said, complained });
    });
  });

test('wrong options and variables are told before anything is built', async () => {
  const options = await start(['--fleet', 'many']);
  expect(options).toMatchObject({ code: 2, complained: expect.stringContaining('--fleet takes a whole number') });
  const variables = await start([], { HTTP_PORT: 'nonsense' });
  expect(variables).toMatchObject({ code: 1, complained: expect.stringContaining('HTTP_PORT') });
  const networks = await start([], { WEBHOOK_ALLOW: 'foo' });
  expect(networks).toMatchObject({ code: 1, complained: expect.stringContaining('WEBHOOK_ALLOW: "foo" is not a network') });
  const drive = await start(['--replay', script]);
  expect(drive).toMatchObject({ code: 1, complained: expect.stringContaining('Line 1 must be') });
  const help = await start(['--help']);
  expect(help).toMatchObject({ code: 0, said: expect.stringContaining('--no-fleet') });
  for (const { said } of [options, variables, networks, drive, help]) expect(said).not.toContain('building');
});
