import { readOptions, UsageError } from '@milepost/runtime';

export const usage = `npm run bench:produce -- [ROUNDS]     What a record costs on its way into a Produce request, ours beside kafkajs's.

  ROUNDS   how often each side has its turn (9)
  --help   this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): { rounds: number } | 'help' {
  const { values, positionals } = readOptions({ args, options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  if (values.help) return 'help';
  const [given = '9', ...others] = positionals;
  const rounds = Number(given);
  if (others.length > 0 || !Number.isInteger(rounds) || rounds < 1 || rounds > 1000)
    throw new UsageError(`One whole number from 1 to 1000 says how many rounds, not "${positionals.join(' ')}".`);
  return { rounds };
}
