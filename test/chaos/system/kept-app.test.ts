import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePort, findJemalloc } from '@milepost/backing-services';
import { FEW_FULL_COLLECTIONS } from '@milepost/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AppName, KeptApp, type KeptAppOptions } from './kept-app.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'milepost-kept-app-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Says how it was started; `/die` ends it. */
async function appOf(name: AppName, more: Partial<KeptAppOptions> = {}): Promise<{ app: KeptApp; logFile: string; statusPort: number }> {
  const folder = join(root, 'apps', name, 'dist');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'main.js'),
    `console.log(JSON.stringify({ flags: process.execArgv, preloaded: process.env.LD_PRELOAD }));
     require('node:http').createServer(({ url }, response) => url === '/die' ? process.exit(1) : response.end())
       .listen(Number(process.env.STATUS_PORT), '127.0.0.1');`,
  );
  const logFile = join(root, `${name}.log`);
  const statusPort = await choosePort();
  const app = new KeptApp({ name, label: name, environment: {}, statusPort, logFile, root, onStart: () => undefined, ...more });
  return { app, logFile, statusPort };
}

/** How a process of the app is started. */
async function startedWith(name: AppName, more: Partial<KeptAppOptions> = {}): Promise<{ flags: string[]; preloaded?: string }> {
  const { app, logFile } = await appOf(name, more);
  try {
    await app.start();
  } finally {
    await app.stop();
  }
  // The loader complains there of a library that does not exist.
  return JSON.parse(readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '');
}

test('broker and ingest have the flags that npm start gives them, and no other app has', async () => {
  for (const name of ['broker', 'ingest'] as const) expect((await startedWith(name)).flags).toContain(FEW_FULL_COLLECTIONS);
  expect((await startedWith('alerts')).flags).not.toContain(FEW_FULL_COLLECTIONS);
});

test('the broker allocates with what npm start gives it, and no other app does', async () => {
  const library = '/nowhere/libjemalloc.so.2';
  const findAllocator = () => library;
  expect((await startedWith('broker', { findAllocator })).preloaded?.split(':').at(-1)).toBe(library);
  expect((await startedWith('ingest', { findAllocator })).preloaded).toBeUndefined();
});

test('without the allocator the broker starts as it is', async () => {
  expect((await startedWith('broker', { findAllocator: () => undefined })).preloaded).toBeUndefined();
});

test('where this machine has jemalloc, that is it', async () => {
  expect((await startedWith('broker')).preloaded?.split(':').at(-1)).toBe(findJemalloc());
});

test('a signal says whether there was a process to hit, and one that hit none excuses no death', async () => {
  const { app, statusPort } = await appOf('api');
  try {
    await app.start();
    expect(app.signal('SIGKILL')).toBe(true);
    await expect.poll(() => app.signal('SIGKILL'), { interval: 5 }).toBe(false);
    await app.untilReady();
    expect(app.deaths).toEqual([]);
    await fetch(`http://127.0.0.1:${statusPort}/die`).catch(() => undefined);
    await expect.poll(() => app.deaths).toHaveLength(1);
  } finally {
    await app.stop();
  }
});

test('of an app that was told to stop nobody expects that it is ready', async () => {
  const { app } = await appOf('api');
  await app.start();
  await app.stop();
  await app.untilReady(0);
});
