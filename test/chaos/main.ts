// `npm run chaos`: faults under load, and a ledger that says what came of it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { catalogue } from './faults/catalogue.js';
import { parseOptions, usage } from './options.js';
import { violationsOf } from './outcome.js';
import { report } from './report.js';
import { runChaos, writeOutcome } from './run.js';
import { hasOwnNamespace, inOwnNamespace, mountingForbidden } from './system/limited-disk.js';

const root = process.env.MILEPOST_CHAOS_ROOT ?? fileURLToPath(new URL('../../../../..', import.meta.url));
const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') say(usage);
  else if (needsNamespace(options.faults)) await again(['--seed', String(options.seed)]);
  else {
    say(`seed ${options.seed}`);
    const abort = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => abort.abort(new Error(`broken off by ${signal}`)));
    const outcome = await runChaos({ options, root, say, signal: abort.signal });
    say(report(outcome));
    say(`As JSON: ${writeOutcome(outcome, root)}`);
    process.exitCode = violationsOf(outcome).length === 0 ? 0 : 1;
  }
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exitCode = 1;
}
// What is left open would keep a run alive that is over.
if (process.exitCode !== undefined) process.exit();

function needsNamespace(faults: readonly string[]): boolean {
  const needs = catalogue.some(({ name, needs }) => faults.includes(name) && needs === 'limited-disks');
  return needs && !hasOwnNamespace() && mountingForbidden() === undefined;
}

/** The same in a mount namespace of its own. A second --seed counts: chance is asked once. */
async function again(more: readonly string[]): Promise<void> {
  const { command, args, environment } = inOwnNamespace([process.execPath, ...process.execArgv, ...process.argv.slice(1), ...more]);
  const child = spawn(command, args, { stdio: 'inherit', env: environment });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  // The terminal tells both.
  process.on('SIGINT', () => undefined);
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
