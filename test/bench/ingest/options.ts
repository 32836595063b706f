import { numberOption, readOptions } from '@milepost/runtime';

export interface IngestBenchOptions {
  /** Location records of the usual path. */
  records: number;
  /** Rows of each scenario; 0 leaves the scenarios out. */
  scenarioRecords: number;
  processes: number;
  /** Partitions of a topic. */
  partitions: number;
  /** Postgres has a core to itself, on both sides; else all processes share all cores. */
  databaseApart: boolean;
  /** Folder for the CPU profiles of the usual path's ingest processes. */
  profile?: string;
  /** Where the results go as JSON as well. */
  json?: string;
}

export const usage = `npm run bench:ingest -- [options]     Location records that lie in Kafka → Postgres, beside the same statements fed from memory.

  --records N            location records of the usual path (10000000)
  --scenario-records N   rows of each of the other paths; 0 leaves them out (500000)
  --processes P          ingest processes, and processes of the raw limit (2)
  --partitions N         partitions of a topic (12)
  --database-apart       Postgres has the last core to itself and all else the others, on both sides: as if it were a machine of its own
  --profile DIR          leave a CPU profile of each ingest process of the usual path there
  --json FILE            write the results there as well
  --help                 this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: string[]): IngestBenchOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      records: { type: 'string', default: '10000000' },
      'scenario-records': { type: 'string', default: '500000' },
      processes: { type: 'string', default: '2' },
      partitions: { type: 'string', default: '12' },
      'database-apart': { type: 'boolean', default: false },
      profile: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'records' | 'scenario-records' | 'processes' | 'partitions', least: number, most: number) =>
    numberOption(name, values[name], { least, most });
  return {
    records: whole('records', 50_000, 100_000_000),
    scenarioRecords: whole('scenario-records', 0, 1_000_000),
    processes: whole('processes', 1, 16),
    partitions: whole('partitions', 1, 100),
    databaseApart: values['database-apart'],
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}
