import { numberOption, readOptions, UsageError } from '@milepost/runtime';

export interface StackOptions {
  /** Vehicles of the simulated fleet; 0 starts none. */
  fleetSize: number;
  replay?: { file: string; speed: string };
  fresh: boolean;
}

export const usage = `npm start -- [options]     Runs milepost on this machine, with real Kafka and Postgres.

  --fleet N         simulate N vehicles (25)
  --no-fleet        simulate none
  --replay FILE     replay a recorded drive once, as vehicle replay-{file name without extension};
                    a CSV with the columns field,signal,value,delay;
                    the delay is in seconds, from this row to the next
  --speed N|max     replay N times as fast, or as fast as it goes (1)
  --fresh           delete everything in the data folder first; the certificate
                    authority and the API key are made anew
  --help            this text

Environment: MILEPOST_DATA_DIR (.milepost), MQTT_TLS_PORT (8883), MQTT_OPERATOR_TLS_PORT (8884), MQTT_WS_PORT (8885),
HTTP_PORT (8080), LOG_LEVEL (info), KAFKA_BROKERS and DATABASE_URL to use services that run already; README.md has the whole table.
`;

/** @throws UsageError with a sentence for the user when the arguments make no sense. */
export function parseOptions(args: string[]): StackOptions | 'help' {
  const { values, positionals } = readOptions({
    args,
    options: {
      fleet: { type: 'string' },
      'no-fleet': { type: 'boolean' },
      replay: { type: 'string' },
      speed: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const [stray] = positionals;
  // What npm leaves of `npm start --fleet 3`: it keeps the option for itself.
  if (stray !== undefined)
    throw new UsageError(`Unexpected argument '${stray}'. Options come after --, as in npm start -- --fleet 3; --help says what there is.`);
  if (values.help) return 'help';
  if (values.fleet !== undefined && values['no-fleet']) throw new UsageError('--fleet and --no-fleet exclude each other.');
  if (values.speed !== undefined && values.replay === undefined) throw new UsageError('--speed belongs to --replay FILE.');
  const fleetSize = values['no-fleet'] ? 0 : numberOption('fleet', values.fleet ?? '25', { least: 0, most: 10_000 });
  const speed = values.speed ?? '1';
  if (speed !== 'max' && !(Number(speed) > 0 && Number.isFinite(Number(speed))))
    throw new UsageError(`--speed takes a number above 0, or max; not "${speed}".`);
  return { fleetSize, fresh: values.fresh, ...(values.replay === undefined ? {} : { replay: { file: values.replay, speed } }) };
}
