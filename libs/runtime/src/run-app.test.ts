import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const fixture = fileURLToPath(new URL('./run-app.fixture.mjs', import.meta.url));

/**
 * Old space is not collected before it has so many MB: a collection would be counted with what it frees, and makes V8 think anew of where it allocates.
 * Code is optimised in its turn: where another thread did that while the machine kept this one waiting, V8 counted too little to conclude anything.
 */
const BY_COUNT_ALONE = ['--initial-old-space-size=2000', '--no-concurrent-recompilation'];

/** Bytes of old space that short-lived objects of an app take. */
const oldSpaceTaken = async (...flags: string[]): Promise<number> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...BY_COUNT_ALONE, fixture, ...flags], {
    env: { PATH: process.env.PATH },
  });
  return Number(/^old space: (\d+)$/m.exec(stdout)?.[1]);
};

test('an app makes short-lived objects in new space, though the first ones of their place lived long', async () => {
  expect(await oldSpaceTaken('--allocation-site-pretenuring')).toBeGreaterThan(1_000_000);
  expect(await oldSpaceTaken()).toBeLessThan(100_000);
});

const closing = fileURLToPath(new URL('./run-app-closing.fixture.mjs', import.meta.url));

/** How an app in small, from its source, ended, and what it logged. */
const ended = async (how: string, env: NodeJS.ProcessEnv = {}) => {
  const { code, stdout } = await promisify(execFile)(process.execPath, [closing, how], { env: { PATH: process.env.PATH, ...env } }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );
  const lines = stdout.trim().split('\n');
  return { code, said: lines.map((line) => JSON.parse(line) as { event: string; err?: { message: string } }) };
};

test.each([
  ['throws', 'app.close.failed', 'the log cannot be flushed'],
  ['hangs', 'app.close.timeout', undefined],
  ['breaks', 'app.close.failed', 'nobody listens'],
])('an app whose close %s ends with 1, and not without a word', async (how, event, message) => {
  const { code, said } = await ended(how);
  expect(code).toBe(1);
  expect(said.filter(({ event }) => /close/.test(event)).map((one) => [one.event, one.err?.message])).toEqual([[event, message]]);
});

test('an app whose place for health and metrics is taken says which it is, in its log', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, said } = await ended('throws', { STATUS_HOST: '127.0.0.1', STATUS_PORT: String(port) });
  other.close();
  expect(code).toBe(1);
  const failed = said.find(({ event }) => event === 'app.failed');
  expect(failed?.err?.message).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} \\(STATUS_HOST, STATUS_PORT\\): .*EADDRINUSE`));
});
