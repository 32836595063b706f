import { readOptions, UsageError } from '@milepost/runtime';

export interface ConditionsBenchOptions {
  /** Times that each kind is measured. */
  rounds: number;
  /** Where the results go as JSON as well. */
  json?: string;
}

export const usage = `npm run bench:conditions -- [options]     From a vehicle's message to the alert at the API, for every kind of condition.

  --rounds N     how often each kind is measured, behind one round that is not (20)
  --json FILE    write the results there as well
  --help         this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): ConditionsBenchOptions | 'help' {
  const { values } = readOptions({
    args,
    options: { rounds: { type: 'string', default: '20' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return 'help';
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1_000)
    throw new UsageError(`--rounds takes a whole number from 1 to 1000, not "${values.rounds}".`);
  return { rounds, ...(values.json !== undefined && { json: values.json }) };
}
