import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyLargeLogs } from './bounded-logs.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bounded-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('emptyLargeLogs', () => {
  it('leaves what a process writes meanwhile in the log and what came before beside it, in place of what was there', async () => {
    const log = join(folder, 'app.log');
    writeFileSync(`${log}.previous`, 'older\n');
    const file = openSync(log, 'a');
    const script = 'let n = 0; setInterval(() => console.log(n++, "x".repeat(1000)), 1)';
    const writer = spawn(process.execPath, ['-e', script], { stdio: ['ignore', file, 'inherit'] });
    closeSync(file);
    const numbers = (name: string) =>
      readFileSync(name, 'utf8')
        .trim()
        .split('\n')
        .map((line) => Number(line.split(' ')[0]));
    try {
      await vi.waitFor(() => expect(statSync(log).size).toBeGreaterThan(50_000), { timeout: 20_000 });
      emptyLargeLogs(folder, 50_000);
      expect(statSync(`${log}.previous`).size).toBeGreaterThan(50_000);
      await vi.waitFor(() => expect(statSync(log).size).toBeGreaterThan(2_000), { timeout: 20_000 });
    } finally {
      writer.kill();
    }
    const before = numbers(`${log}.previous`);
    expect(before).toEqual(before.map((_, n) => n));
    const after = numbers(log);
    // From its beginning, without a hole where the old lines were.
    expect(after[0]).toBeGreaterThanOrEqual(before.length);
    expect(after[0]).toBeLessThan(before.length + 5);
  });

  it('leaves alone what is not large, and what is no log', () => {
    writeFileSync(join(folder, 'app.log'), 'short');
    writeFileSync(join(folder, 'app.log.previous'), 'x'.repeat(1_000));
    emptyLargeLogs(folder, 100);
    expect(readdirSync(folder)).toEqual(['app.log', 'app.log.previous']);
    expect(readFileSync(join(folder, 'app.log'), 'utf8')).toBe('short');
    expect(statSync(join(folder, 'app.log.previous')).size).toBe(1_000);
  });
});
