import { numberOption, readOptions } from '@milepost/runtime';

export interface ConditionsBenchOptions {
  /** Times that each kind is measured. */
  rounds: number;
  /** Fixes a second that other vehicles send meanwhile. */
  rate: number;
  /** Where the results go as JSON as well. */
  json?: string;
}

export const usage = `npm run bench:conditions -- [options]     From a vehicle's message to the alert at the API, for every kind of condition.

  --rounds N     how often each kind is measured, behind one round that is not (20)
  --rate N       fixes a second of 50 other vehicles meanwhile, each of which is judged too (0)
  --json FILE    write the results there as well
  --help         this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): ConditionsBenchOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      rounds: { type: 'string', default: '20' },
      rate: { type: 'string', default: '0' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'rounds' | 'rate', least: number, most: number) => numberOption(name, values[name], { least, most });
  return { rounds: whole('rounds', 1, 1_000), rate: whole('rate', 0, 2_000), ...(values.json !== undefined && { json: values.json }) };
}
