import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort, findJemalloc } from '@milepost/backing-services';
import { FEW_FULL_COLLECTIONS } from '@milepost/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AppName, KeptApp } from './kept-app.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'milepost-kept-app-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** How a process of the app is started. */
async function startedWith(name: AppName): Promise<{ flags: string[]; preloaded?: string }> {
  const folder = join(root, 'apps', name, 'dist');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'main.js'),
    `console.log(JSON.stringify({ flags: process.execArgv, preloaded: process.env.LD_PRELOAD }));
     require('node:http').createServer((_request, response) => response.end()).listen(Number(process.env.STATUS_PORT), '127.0.0.1');`,
  );
  const logFile = join(root, `${name}.log`);
  const app = new KeptApp({ name, label: name, environment: {}, statusPort: await choosePort(), logFile, root, onStart: () => undefined });
  try {
    await app.start();
  } finally {
    await app.stop();
  }
  return JSON.parse(readFileSync(logFile, 'utf8'));
}

test('broker and ingest have the flags that npm start gives them, and no other app has', async () => {
  for (const name of ['broker', 'ingest'] as const) expect((await startedWith(name)).flags).toContain(FEW_FULL_COLLECTIONS);
  expect((await startedWith('alerts')).flags).not.toContain(FEW_FULL_COLLECTIONS);
});

test('the broker allocates with what npm start gives it, and no other app does', async () => {
  const library = findJemalloc();
  const preloaded = (await startedWith('broker')).preloaded ?? '';
  expect(preloaded.split(':').at(-1)).toBe(library ?? '');
  expect((await startedWith('ingest')).preloaded).toBeUndefined();
});
