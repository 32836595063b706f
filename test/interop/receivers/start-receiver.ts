import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@milepost/test-support';
import ts from 'typescript';

export const languages = ['TypeScript', 'Python', 'Go'] as const;
export type Language = (typeof languages)[number];

export interface StartedReceiver {
  url: string;
  /** What it printed: `id type` for each event that it took for the first time. */
  lines: readonly string[];
  /** What it refused, and why. */
  refusals: readonly string[];
  close(): void;
}

const files: Record<Language, string> = { TypeScript: 'receiver.ts', Python: 'receiver.py', Go: 'receiver.go' };
export const receiverFile = (language: Language): string => resolve('docs/receivers', files[language]);

/** Runs the receiver of docs/receivers in its language. @throws with what to install when that is not there: these tests are never skipped. */
export async function startReceiver(language: Language, secret: string): Promise<StartedReceiver> {
  const folder = mkdtempSync(join(tmpdir(), 'milepost-receiver-'));
  const [program, ...args] = commandOf(language, folder);
  const child: ChildProcess = spawn(program, [...args, '0'], {
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [lines, refusals] = [linesOf(child.stdout), linesOf(child.stderr)];
  const port = await eventually(
    () => {
      const [, found] = /^listening on (\d+)$/.exec(lines[0] ?? '') ?? [];
      if (found === undefined) throw new Error(`The ${language} receiver did not start: ${refusals.join('\n')}`);
      return found;
    },
    { timeoutMs: 20_000 },
  );
  return {
    url: `http://127.0.0.1:${port}/`,
    lines,
    refusals,
    close: () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function commandOf(language: Language, folder: string): [string, ...string[]] {
  const file = receiverFile(language);
  switch (language) {
    case 'Python':
      need('python3', ['--version'], 'Install Python 3: apt-get install python3 (Debian).');
      return ['python3', file];
    case 'Go': {
      need('go', ['version'], 'Install Go: apt-get install golang-go (Debian), or from https://go.dev/dl/.');
      const binary = join(folder, 'receiver');
      need('go', ['build', '-o', binary, file], 'The Go receiver does not build.', {
        HOME: folder,
        GOCACHE: join(folder, 'cache'),
        GOTOOLCHAIN: 'local',
        GO111MODULE: 'off',
      });
      return [binary];
    }
    case 'TypeScript': {
      // Node 20 does not read TypeScript: its types are taken away first.
      const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      });
      const script = join(folder, 'receiver.mjs');
      writeFileSync(script, outputText);
      return [process.execPath, script];
    }
  }
}

function need(program: string, args: readonly string[], remedy: string, environment: Record<string, string> = {}): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } });
  if (error !== undefined || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}\n${remedy}`);
}

function linesOf(stream: NodeJS.ReadableStream | null): string[] {
  const lines: string[] = [];
  if (stream !== null) createInterface({ input: stream }).on('line', (line) => void lines.push(line));
  return lines;
}
