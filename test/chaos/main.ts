// `npm run chaos`: faults under load, and a ledger that says what came of it.
import { fileURLToPath } from 'node:url';
import { BrokenOff, hearBreakOff } from './break-off.js';
import { childRun } from './child-run.js';
import { catalogue } from './faults/catalogue.js';
import { parseOptions, usage } from './options.js';
import { violationsOf } from './outcome.js';
import { outliveTerminal } from './outlive-terminal.js';
import { report } from './report.js';
import { runChaos, writeOutcome } from './run.js';
import { hasOwnNamespace, inOwnNamespace, mountingForbidden } from './system/limited-disk.js';

const root = process.env.MILEPOST_CHAOS_ROOT ?? fileURLToPath(new URL('../../../../..', import.meta.url));
const say = (line: string) => void process.stdout.write(`${line}\n`);
const END_WITHIN_MS = 60_000;
outliveTerminal();

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') say(usage);
  else if (needsNamespace(options.faults)) process.exitCode = await again(['--seed', String(options.seed)]);
  else {
    say(`seed ${options.seed}`);
    const breakOff = hearBreakOff({ withinMs: END_WITHIN_MS, say });
    const outcome = await Promise.race([runChaos({ options, root, say, breakOff }), rejected(breakOff.atOnce)]);
    say(report(outcome));
    say(`As JSON: ${writeOutcome(outcome, root)}`);
    process.exitCode = violationsOf(outcome).length === 0 ? 0 : 1;
  }
} catch (error) {
  const what = error instanceof Error && !(error instanceof BrokenOff) ? error.stack : undefined;
  process.stderr.write(`chaos: ${what ?? (error instanceof Error ? error.message : error)}\n`);
  process.exitCode = 1;
}
// What is left open would keep a run alive that is over.
if (process.exitCode !== undefined) process.exit();

function needsNamespace(faults: readonly string[]): boolean {
  const needs = catalogue.some(({ name, needs }) => faults.includes(name) && needs === 'limited-disks');
  return needs && !hasOwnNamespace() && mountingForbidden() === undefined;
}

/** The same in a mount namespace of its own. A second --seed counts: chance is asked once. */
function again(more: readonly string[]): Promise<number> {
  const itself = [process.execPath, '--enable-source-maps', fileURLToPath(import.meta.url), ...process.argv.slice(2), ...more];
  const { command, args, environment } = inOwnNamespace(itself);
  return childRun(command, args, environment);
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}
