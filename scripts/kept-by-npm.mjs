// npm takes an option that stands before -- for one of its own: it says nothing that stops anybody, and the program runs without it.
import { readFileSync } from 'node:fs';
import { fail, root } from './prepare.mjs';

/** npm knows these itself, and they may stand in its settings. */
const KNOWN_TO_NPM = ['json', 'target'];

/**
 * Ends this process, with 2, when npm has kept an option of the program.
 * @param file from the root; where the program's usage stands, with a line for each option
 */
export function refuseKeptByNpm(file, args = process.argv.slice(2), environment = process.env) {
  const fault = keptByNpm(readFileSync(`${root}${file}`, 'utf8'), args, environment);
  if (fault !== undefined) fail(fault, 2);
}

/** What npm has kept of the options that the usage names, and the command that says it right. Undefined: nothing, or it was not npm that started us. */
export function keptByNpm(usage, args, environment) {
  const script = environment.npm_lifecycle_event;
  if (script === undefined) return undefined;
  const kept = [...usage.matchAll(/^ {2}--([a-z-]+)(?: ([A-Z]\S*))?/gm)].flatMap(([, name, takes]) => {
    if (args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))) return [];
    // What is left of a value that was typed stands first.
    if (KNOWN_TO_NPM.includes(name) && (args.length === 0 || args[0].startsWith('-'))) return [];
    const values = valuesOf(name, environment);
    return values.length === 0 ? [] : [{ name, takes, values }];
  });
  if (kept.length === 0) return undefined;
  const names = kept.map(({ name }) => `--${name}`).join(' and ');
  const program = { start: 'npm start', test: 'npm test' }[script] ?? `npm run ${script}`;
  return `npm has kept ${names} for itself. Options come after --, as in ${program} -- ${asMeant(kept, args)}`;
}

/** `--no-fleet` is to npm `fleet`, and empty. */
function valuesOf(name, environment) {
  const [, positive] = /^no-(.+)/.exec(name) ?? [];
  const value = environment[`npm_config_${(positive ?? name).replaceAll('-', '_')}`];
  if (positive !== undefined) return value === '' ? ['true'] : [];
  // Of an option that was given twice npm makes lines.
  return (value ?? '').split('\n').filter((line) => line !== '');
}

/** A value that npm took for none of its business is left among the arguments; of several it is not known whose each is. */
function asMeant(kept, args) {
  const rest = [...args];
  const left = kept.flatMap(({ takes, values }) => (takes === undefined ? [] : values.filter((value) => value === 'true'))).length;
  const options = kept.map(({ name, takes, values }) => {
    if (takes === undefined) return `--${name}`;
    const value = values.find((one) => one !== 'true') ?? (left === 1 && rest[0]?.startsWith('-') === false ? rest.shift() : takes);
    return `--${name} ${value}`;
  });
  return [...options, ...(left > 1 ? rest.filter((arg) => arg.startsWith('-')) : rest)].join(' ');
}
