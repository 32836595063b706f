import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const script = fileURLToPath(new URL('../../../apps/cli/bin/milepost.js', import.meta.url));

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** `npx milepost …` as a process of its own, with nothing in its environment but what is given. */
export function runCli(args: readonly string[], environment: Record<string, string> = {}): Promise<CliResult> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, MILEPOST_DATA_DIR: '/nonexistent', ...environment };
    execFile(process.execPath, [script, ...args], { env, timeout: 40_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
  });
}
