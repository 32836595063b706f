import { numberOption, readOptions, UsageError } from '@milepost/runtime';
import { catalogue } from './faults/catalogue.js';
import { LEAST_VEHICLES } from './size.js';

export interface ChaosOptions {
  /** Decides the order of the faults and the course of each. */
  seed: number;
  /** Load goes on for at least so long; longer when the faults need it. */
  minutes: number;
  faults: readonly string[];
  vehicles: number;
  /** Messages a second, of all vehicles together. */
  rate: number;
  kafkaNodes: 1 | 3;
  /** Faults at work at the same time, after each kind was alone once. */
  lanes: number;
  /** Logs, data and journal stay. */
  keep: boolean;
  json?: string;
}

const names = catalogue.map(({ name }) => name);
const width = Math.max(...names.map(({ length }) => length));

export const usage = `npm run chaos -- [options]     Faults under load; at the end a ledger says what was lost, doubled or told wrong.

  --seed N          order and course of the faults (by chance, and printed)
  --minutes N       how long, at least (30)
  --faults A,B      only these (all that --kafka-nodes allows)
  --vehicles N      mTLS vehicles (200; ${LEAST_VEHICLES} at least)
  --rate N          messages a second, of all of them (1250)
  --kafka-nodes N   1 or 3 (3; replicated three times, of which two must have a message)
  --lanes N         faults at work at the same time, after each was alone once (2)
  --json FILE       where the results go as JSON (node_modules/.cache/milepost/chaos.json)
  --keep            leave logs and data where they are
  --sabotage        break the pipeline in three ways, one after the other, and see each found out
  --help            this text

Faults:
${catalogue.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`).join('\n')}

Full disks need a mount namespace (unshare, mount): where that is forbidden the run says so and fails. Ends with 1 when anything was lost,
doubled or told wrong, when the pipeline did not recover, or when a fault could not be injected.
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[], chance: () => number = () => Date.now() % 1_000_000): ChaosOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = readOptions({
    args: [...args],
    options: {
      ...{ seed: text, minutes: text, faults: text, vehicles: text, rate: text, lanes: text, json: text, 'kafka-nodes': text },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const number = (
    name: 'seed' | 'minutes' | 'vehicles' | 'rate' | 'lanes' | 'kafka-nodes',
    otherwise: number,
    least: number,
    most: number,
  ) => numberOption(name, values[name] ?? String(otherwise), { least, most, whole: false });
  const kafkaNodes = number('kafka-nodes', 3, 1, 3);
  if (kafkaNodes !== 1 && kafkaNodes !== 3) throw new UsageError('--kafka-nodes takes 1 or 3.');
  return {
    seed: Math.floor(number('seed', chance(), 0, 2 ** 31)),
    minutes: number('minutes', 30, 0.1, 24 * 60),
    faults: faultsOf(values.faults, kafkaNodes),
    vehicles: Math.floor(number('vehicles', 200, LEAST_VEHICLES, 5_000)),
    rate: number('rate', 1_250, 1, 50_000),
    kafkaNodes,
    lanes: Math.floor(number('lanes', 2, 1, 6)),
    keep: values.keep,
    ...(values.json !== undefined && { json: values.json }),
  };
}

function faultsOf(given: string | undefined, kafkaNodes: number): string[] {
  const possible = catalogue.filter(({ needs }) => needs !== 'three-kafka-nodes' || kafkaNodes === 3).map(({ name }) => name);
  if (given === undefined) return possible;
  const wanted = given.split(',').map((name) => name.trim());
  for (const name of wanted) {
    if (!names.includes(name)) throw new UsageError(`There is no fault "${name}"; --help names them all.`);
    if (!possible.includes(name)) throw new UsageError(`"${name}" needs --kafka-nodes 3.`);
  }
  return wanted;
}
