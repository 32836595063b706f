import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processStartTime } from '@milepost/backing-services';
import { afterEach, beforeEach, expect, it } from 'vitest';

const fixture = fileURLToPath(new URL('./break-off.fixture.mjs', import.meta.url));
const LONG_MS = 60_000;

let folder: string;
let run: ChildProcess;
let said: string;
let pids: number[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'milepost-break-off-'));
  said = '';
  pids = [];
});
afterEach(() => {
  for (const pid of pids.filter(lives)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const lives = (pid: number) => processStartTime(pid) !== undefined;
const untilSaid = (text: string | RegExp) => expect.poll(() => said).toMatch(text);
const untilAllEnded = () => expect.poll(() => pids.filter(lives)).toEqual([]);

async function start({ withinMs, relayed = false }: { withinMs: number; relayed?: boolean }): Promise<void> {
  run = spawn(process.execPath, [fixture, folder, String(withinMs), ...(relayed ? ['relayed'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  run.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // It compiles its sources first, a run with another one in front twice: on a machine that others use much, for half a minute.
  await expect.poll(() => said, { timeout: 50_000 }).toMatch(/pids .*\n/);
  pids = (/pids (.*)\n/.exec(said)?.[1] ?? '').split(' ').map(Number);
  expect(pids.filter(lives)).toHaveLength(3);
}

it('a second signal leaves nothing behind', async () => {
  await start({ withinMs: LONG_MS });
  run.kill('SIGINT');
  await untilSaid('in order');
  await delay(600);
  expect(pids.filter(lives)).toHaveLength(3);
  run.kill('SIGINT');
  await untilAllEnded();
});

it('one signal leaves nothing behind when its time is over', async () => {
  await start({ withinMs: 700 });
  run.kill('SIGTERM');
  await untilAllEnded();
});

it('signals reach a run that stands in for another process', async () => {
  await start({ withinMs: LONG_MS, relayed: true });
  run.kill('SIGINT');
  await untilSaid('in order');
  await delay(600);
  run.kill('SIGINT');
  await untilAllEnded();
});

it('a run whose process before it was killed is broken off', async () => {
  await start({ withinMs: 700, relayed: true });
  run.kill('SIGKILL');
  await untilSaid('in order');
  await untilAllEnded();
});
