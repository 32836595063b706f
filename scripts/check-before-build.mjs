// What is wrong with options or variables is said at once, and not after a build of minutes.
import { spawnSync } from 'node:child_process';
import { fail, root } from './prepare.mjs';

/** Exit codes of `check-from-source.mjs`; any other one says that something is wrong, which it has told. */
export const verdicts = { goOn: 0, helpWasGiven: 3 };

/** Runs the stack's own checks from their source; ends this process when they fail, or when only the help was asked for. */
export function checkBeforeBuild(args = process.argv.slice(2)) {
  check('checkStart', ['apps/stack/src/check-start.ts', 'apps/stack/src/options.ts'], args);
}

/**
 * Parses the options of a program from its source, which has `parseOptions` (that may answer `help`) and `usage`. Ends this process when they
 * make no sense, or when only the help was asked for.
 * @param file from the root
 */
export function checkOptions(file, args = process.argv.slice(2)) {
  if (args.length > 0) check('parseOptions', [file], args);
}

/** In a process of its own: what reads the source is large, and has a helper process that would live as long as we do. */
function check(name, files, args) {
  const { status, signal, error } = spawnSync(process.execPath, [`${root}scripts/check-from-source.mjs`, name, files.join(','), ...args], {
    stdio: 'inherit',
  });
  if (status === verdicts.goOn) return;
  if (status === null) fail(`the options could not be checked: ${error?.message ?? `the check was ended by ${signal}`}`);
  process.exit(status === verdicts.helpWasGiven ? 0 : status);
}
