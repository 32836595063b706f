import { numberOption, readOptions } from '@milepost/runtime';

export interface CatchUpOptions {
  /** Location records that lie in Kafka when ingest goes on. */
  records: number;
  /** Messages a second of 200 vehicles meanwhile. */
  rate: number;
}

export const usage = `npm run bench:catch-up -- [options]     The stack behind an outage of ingest: how soon positions and presence are seen while it reads the backlog.

  --records N   location records that have piled up in an hour (3600000)
  --rate N      messages a second of 200 mTLS vehicles meanwhile (1000)
  --help        this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: string[]): CatchUpOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      records: { type: 'string', default: '3600000' },
      rate: { type: 'string', default: '1000' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'records' | 'rate', least: number, most: number) => numberOption(name, values[name], { least, most });
  return { records: whole('records', 10_000, 20_000_000), rate: whole('rate', 1, 20_000) };
}
