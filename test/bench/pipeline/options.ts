import { numberOption, readOptions, UsageError } from '@milepost/runtime';
import { connectionsPerProcess } from './open-files.js';

export interface BenchOptions {
  vehicles: number;
  /** That share the vehicles' port. */
  brokerProcesses: number;
  /** Unacknowledged publishes a vehicle. */
  inflight: number;
  /** Messages a second in all; 0 is as fast as acknowledgements come. */
  rate: number;
  /** What goes before, and is not measured: programs that run for months are not compiled meanwhile. */
  warmUpSeconds: number;
  seconds: number;
  /** Beside mosquitto and a plain bridge, with faults. */
  compare: boolean;
  /** Where the results go as JSON as well. */
  json?: string;
}

export const usage = `npm run bench -- [options]     Starts the stack without a fleet and drives it from a process of its own.

  --vehicles N          mTLS vehicles (200), of a load process for each 10,000
  --broker-processes N  processes of the broker (1); with more there are no users and no subscriptions. One has no more connections than it may open files (ulimit -Hn)
  --inflight N          unacknowledged publishes a vehicle (1)
  --rate N              messages a second in all; 0: as fast as acknowledgements come (0)
  --warm-up N           seconds of the same load before measuring begins: a program that runs for months is compiled (20)
  --seconds N           how long to measure (20)
  --compare             beside Debian's mosquitto and the simplest bridge to the same Kafka and Postgres; then kill -9 and an outage of Kafka for both
  --json FILE           write the results there as well
  --help                this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: string[], most: number = connectionsPerProcess()): BenchOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      vehicles: { type: 'string', default: '200' },
      'broker-processes': { type: 'string', default: '1' },
      inflight: { type: 'string', default: '1' },
      rate: { type: 'string', default: '0' },
      'warm-up': { type: 'string', default: '20' },
      seconds: { type: 'string', default: '20' },
      compare: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'vehicles' | 'broker-processes' | 'inflight' | 'rate' | 'seconds' | 'warm-up', least: number, most: number) =>
    numberOption(name, values[name], { least, most });
  const [vehicles, brokerProcesses] = [whole('vehicles', 1, 100_000), whole('broker-processes', 1, 16)];
  const needed = Math.ceil(vehicles / most);
  if (brokerProcesses > 1 && values.compare) throw new UsageError('--compare has one broker process: leave --broker-processes out.');
  if (brokerProcesses < needed) {
    const remedy = values.compare ? 'choose fewer --vehicles' : `add --broker-processes ${needed}`;
    throw new UsageError(`A process has ${most} connections at most here (ulimit -Hn): ${remedy}, or raise that limit.`);
  }
  return {
    vehicles,
    brokerProcesses,
    inflight: whole('inflight', 1, 32),
    rate: whole('rate', 0, 100_000),
    warmUpSeconds: whole('warm-up', 0, 600),
    seconds: whole('seconds', 1, 7_200),
    compare: values.compare,
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}
