import { readOptions, UsageError } from '@milepost/runtime';
import { saboteurs } from './saboteurs.js';

export interface SabotageOptions {
  seed: string;
  /** All when none is named. */
  names: readonly string[];
}

const known = saboteurs.map(({ name }) => name);
const width = Math.max(...known.map(({ length }) => length));

export const usage = `npm run chaos -- --sabotage [NAME ...] [options]     Breaks the pipeline on purpose, and sees that the ledger finds out.

  --seed N   of the chaos run behind each (1)
  --help     this text

Names (all unless given):
${saboteurs.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`).join('\n')}
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): SabotageOptions | 'help' {
  const { values, positionals } = readOptions({
    args,
    options: { seed: { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return 'help';
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no sabotage "${unknown}": choose of ${known.join(', ')}.`);
  return { seed: values.seed, names: positionals };
}
