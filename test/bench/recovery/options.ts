import { readOptions, UsageError } from '@milepost/runtime';

export const usage = `npm run bench:recovery -- [SESSIONS]     How long the broker takes to restore its sessions from Kafka before its listener opens.

  SESSIONS   sessions that Kafka holds (100000)
  --help     this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): { sessions: number } | 'help' {
  const { values, positionals } = readOptions({ args, options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  if (values.help) return 'help';
  const [given = '100000', ...others] = positionals;
  const sessions = Number(given);
  if (others.length > 0 || !Number.isInteger(sessions) || sessions < 1 || sessions > 10000000)
    throw new UsageError(`One whole number from 1 to 10000000 says how many sessions, not "${positionals.join(' ')}".`);
  return { sessions };
}
