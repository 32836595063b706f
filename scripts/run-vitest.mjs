import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail, root } from './prepare.mjs';

/**
 * vitest with these arguments, and what it counted; nothing where it ran no test (a wrong option, --help), of which it has said why itself.
 * @param report file of its own for the results as JSON
 */
export function runVitest(args, report, stdio = 'inherit') {
  mkdirSync(dirname(report), { recursive: true });
  // What an earlier run counted is not to be told as this one's.
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const result = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], { cwd: root, stdio });
  if (result.error) fail(`vitest could not be started: ${result.error.message}`);
  return { status: result.status ?? 1, counts: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined };
}
