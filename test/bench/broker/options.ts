import { numberOption, readOptions, UsageError } from '@milepost/runtime';

export const scenarioNames = ['publish', 'kafka', 'core', 'idle', 'handshake', 'fanout', 'topics'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface BenchOptions {
  scenarios: readonly ScenarioName[];
  /** How long each side is driven in each round. */
  seconds: number;
  /** Of the same load before measuring begins: a program that runs for months is compiled. */
  warmUpSeconds: number;
  /** How often each side has its turn. */
  rounds: number;
  /** Where the results go as JSON as well. */
  json?: string;
}

export const usage = `npm run bench:broker -- [options]     The broker with a null bridge beside a bare reader, aedes and mosquitto, over mutual TLS.

  --scenario NAME   all, ${scenarioNames.join(', ')} (all)
  --seconds N       how long each side is driven in each round (4)
  --warm-up N       seconds of the same load before it is measured: a program that runs for months is compiled (10)
  --rounds N        how often each side has its turn (3)
  --json FILE       write the results there as well
  --help            this text

BROKER_ALLOCATOR=libc measures milepost with libc's allocator; otherwise it has jemalloc where this machine does, as with \`npm start\`.
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: string[]): BenchOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      scenario: { type: 'string', default: 'all' },
      seconds: { type: 'string', default: '4' },
      'warm-up': { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'seconds' | 'warm-up' | 'rounds', most: number) => numberOption(name, values[name], { least: 1, most });
  const scenarios = values.scenario === 'all' ? scenarioNames : scenarioNames.filter((name) => name === values.scenario);
  if (scenarios.length === 0) throw new UsageError(`--scenario takes all, ${scenarioNames.join(', ')}, not "${values.scenario}".`);
  return {
    scenarios,
    seconds: whole('seconds', 600),
    warmUpSeconds: whole('warm-up', 600),
    rounds: whole('rounds', 50),
    ...(values.json !== undefined && { json: values.json }),
  };
}
