import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { LineWriter } from './line-writer.js';

const fixture = fileURLToPath(new URL('./logger.fixture.mjs', import.meta.url));
/** Where a compiled module still finds pino. */
const cache = fileURLToPath(new URL('../../../node_modules/.cache/milepost/', import.meta.url));
let compiled: string;

// Compiled before: what compiles asks for process.stdout, and how a pipe is written to then is another.
beforeAll(() => {
  mkdirSync(cache, { recursive: true });
  compiled = mkdtempSync(join(cache, 'logger-'));
  writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
  for (const name of ['logger', 'line-writer']) {
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
    const { outputText } = transpileModule(source, { compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 } });
    writeFileSync(join(compiled, `${name}.js`), outputText);
  }
});
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  said: string;
  complained: string;
}

/** The fixture with its standard output there; a pipe is read from so many ms after it has said that it is alive. */
function run(args: [lines: number, padding: number, 'exits'?], stdout: number | 'pipe', readAfterMs = 0): Promise<Ended> {
  const child = spawn(process.execPath, [fixture, ...args.map(String)], {
    env: { PATH: process.env.PATH, LOGGER: pathToFileURL(join(compiled, 'logger.js')).href },
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
