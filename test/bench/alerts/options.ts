import { numberOption, readOptions, UsageError } from '@milepost/runtime';
import type { AlertsBenchResults } from './results.js';

export interface AlertsBenchOptions {
  bench: AlertsBenchResults['options'];
  /** Where the results go as JSON as well. */
  json?: string;
}

export const usage = `npm run bench:alerts -- [options]     Presence events/s of alerts, and how late offline alerts are while every vehicle has a deadline.

  --vehicles N        vehicles that are connected (100000)
  --cut N             vehicles that are lost one after another (6 in 100 of them)
  --cuts-a-second N   how fast (100)
  --processes N       alerts processes (2)
  --partitions N      partitions of a topic (12)
  --storm-minimum N   STORM_MIN_VEHICLES of alerts (20)
  --json FILE         write the results there as well
  --help              this text
`;

/** The storm guard counts a minute before and after a loss. */
const STORM_WINDOW_S = 122;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): AlertsBenchOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      vehicles: { type: 'string', default: '100000' },
      cut: { type: 'string' },
      'cuts-a-second': { type: 'string', default: '100' },
      processes: { type: 'string', default: '2' },
      partitions: { type: 'string', default: '12' },
      'storm-minimum': { type: 'string', default: '20' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: Exclude<keyof typeof values, 'json' | 'help'>, most: number, otherwise = 0) =>
    numberOption(name, values[name] ?? String(otherwise), { least: 1, most });
  const vehicles = whole('vehicles', 1_000_000);
  const bench = {
    vehicles,
    cut: whole('cut', vehicles, Math.max(1, Math.floor(vehicles * 0.06))),
    cutsASecond: whole('cuts-a-second', 10_000),
    processes: whole('processes', 16),
    partitions: whole('partitions', 100),
    stormMinimum: whole('storm-minimum', 1_000_000),
  };
  const together = Math.min(bench.cut, bench.cutsASecond * STORM_WINDOW_S);
  if (together > Math.max(bench.stormMinimum, vehicles / 10))
    throw new UsageError(
      `${together} cuts in two minutes are a storm in a fleet of ${vehicles}: one incident, no alerts. Choose fewer, or a larger --storm-minimum.`,
    );
  return { bench, ...(values.json !== undefined && { json: values.json }) };
}
