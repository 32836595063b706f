import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const fixture = fileURLToPath(new URL('./run-app.fixture.mjs', import.meta.url));

/** Bytes of old space that short-lived objects of an app take. */
const oldSpaceTaken = async (...flags: string[]): Promise<number> => {
  const { stdout } = await promisify(execFile)(process.execPath, [fixture, ...flags], { env: { PATH: process.env.PATH } });
  return Number(/^old space: (\d+)$/m.exec(stdout)?.[1]);
};

test('an app makes short-lived objects in new space, though the first ones of their place lived long', async () => {
  expect(await oldSpaceTaken('--allocation-site-pretenuring')).toBeGreaterThan(1_000_000);
  expect(await oldSpaceTaken()).toBeLessThan(100_000);
});
