import { numberOption, readOptions } from '@milepost/runtime';

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
  return {
    vehicles: numberOption('vehicles', values.vehicles, { least: 1, most: 1_000_000 }),
    hours: numberOption('hours', values.hours, { least: 0.1, most: 24 * 365, whole: false }),
    seed: numberOption('seed', values.seed, { least: 0, most: 2 ** 31 }),
  };
}
