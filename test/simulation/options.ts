import { readOptions, UsageError } from '@milepost/runtime';

export interface SimulationOptions {
  vehicles: number;
  /** Of virtual time. */
  hours: number;
  seed: number;
}

export const usage = `npm run simulate:presence -- [options]     A day in virtual time; every alert is judged by where the vehicles really were.

  --vehicles N   how many (10000)
  --hours N      how long, in virtual time (24)
  --seed N       the same seed gives the same day (1)
  --help         this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): SimulationOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      vehicles: { type: 'string', default: '10000' },
      hours: { type: 'string', default: '24' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'vehicles' | 'hours' | 'seed', least: number, most: number, whole: boolean): number => {
    const value = Number(values[name]);
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      throw new UsageError(`--${name} takes a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not "${values[name]}".`);
    return value;
  };
  return {
    vehicles: number('vehicles', 1, 1_000_000, true),
    hours: number('hours', 0.1, 24 * 365, false),
    seed: number('seed', 0, 2 ** 31, true),
  };
}
