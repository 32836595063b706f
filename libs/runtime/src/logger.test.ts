import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { LineWriter } from './line-writer.js';

const fixture = fileURLToPath(new URL('./logger.fixture.mjs', import.meta.url));

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  said: string;
  complained: string;
}

/** The fixture with its standard output there; a pipe is read from so many ms after it has said that it is alive. */
function run(args: [lines: number, padding: number, 'exits'?], stdout: number | 'pipe', readAfterMs = 0): Promise<Ended> {
  const child = spawn(process.execPath, [fixture, ...args.map(String)], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', stdout, 'pipe'],
    timeout: 40_000,
    killSignal: 'SIGKILL',
  });
  let [said, complained] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdout?.pause();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
    if (text.includes('alive')) setTimeout(() => child.stdout?.resume(), readAfterMs);
  });
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, said, complained })));
}

test('a full disk takes the lines of a log, and neither ends nor hangs whoever writes them', async () => {
  const full = openSync('/dev/full', 'w');
  try {
    expect(await run([3, 0], full)).toEqual({ code: 0, signal: null, said: '', complained: 'alive\n' });
  } finally {
    closeSync(full);
  }
});

test('a reader that is slow gets every line, in order', async () => {
  // More than a pipe holds.
  const { code, said } = await run([500, 1_000], 'pipe', 300);
  expect(code).toBe(0);
  const numbers = said
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { n: number }).n);
  expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

test('a reader that reads no more holds nobody up for long', async () => {
  const began = performance.now();
  const { code, signal } = await run([3_000, 1_000, 'exits'], 'pipe', 30_000);
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(30_000);
});

test('who waits for what is written finds it in the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'line-writer-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = openSync(join(folder, 'log'), 'a');
  const writer = new LineWriter(file);
  const lines = Array.from({ length: 1_000 }, (_, n) => `${n} ${'x'.repeat(1_000)}\n`);
  for (const line of lines) writer.write(line);
  await writer.written();
  closeSync(file);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe(lines.join(''));
});
