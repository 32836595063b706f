import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder } from './data-folder.js';
import { identify } from './process-identity.js';
import { RunningFile } from './running-file.js';

let path: string;
let orphan: ChildProcess;
const dead = { pid: 2 ** 22 + 1, startedAt: '1' };
const options = { fresh: false };
const written = () => JSON.parse(readFileSync(join(path, 'running.json'), 'utf8'));

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'milepost-running-'));
  writeFileSync(join(path, 'layout'), '1\n');
  // It drains for a while.
  const script = "process.on('SIGTERM', () => setTimeout(() => process.exit(), 300)); setInterval(() => {}, 1000); console.log('up');";
  orphan = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (orphan.stdout) await once(orphan.stdout, 'data');
  const identity = identify(orphan.pid ?? 0);
  writeFileSync(join(path, 'running.json'), JSON.stringify({ stack: dead, processes: [{ name: 'broker', ...identity }] }));
});
afterEach(() => {
  orphan.kill('SIGKILL');
  rmSync(path, { recursive: true });
});

describe('a start on the folder of a stack that was killed', () => {
  it('lets no other one in while the orphans drain, and leaves them on record until they have ended', async () => {
    const first = new RunningFile(DataFolder.open(path, options));
    const takingOver = first.takeOver(() => undefined, options);
    expect(() => new RunningFile(DataFolder.open(path, options)).requireNone(options)).toThrow(
      `A stack is already running with ${path} (pid ${process.pid})`,
    );
    expect(written()).toEqual({ stack: identify(process.pid), processes: [{ name: 'broker', ...identify(orphan.pid ?? 0) }] });
    await takingOver;
    expect(written()).toEqual({ stack: identify(process.pid), processes: [] });
    expect(identify(orphan.pid ?? 0)).toBeUndefined();
  });

  it('deletes everything with --fresh, and stands in the folder all the while', async () => {
    const folder = DataFolder.open(path, options);
    const running = new RunningFile(folder);
    await running.takeOver(() => undefined, options);
    writeFileSync(folder.file('secrets.json'), '{}');
    running.clearFolder();
    expect(folder.readJson('secrets.json')).toBeUndefined();
    expect(() => new RunningFile(folder).requireNone(options)).toThrow('A stack is already running');
  });
});
