import { numberOption, readOptions, UsageError } from '@milepost/runtime';

export interface FuzzOptions {
  /** Each target's share of time ends here, or at its count, whichever is first. */
  readonly seconds: number;
  readonly maxInputs: number;
  readonly maxConnections: number;
  readonly seed: number;
  readonly target: 'decoder' | 'broker' | 'both';
  /** A broker that runs already; undefined: one is started. */
  readonly port: number | undefined;
}

export const usage = `npm run fuzz -- [options]     Mutated streams against the decoder and a broker; crashes, hangs and growth are counted.

  --seconds N       for each target at most (30)
  --inputs N        streams for the decoder at most
  --connections N   connections to the broker at most
  --seed N          the same seed gives the same streams (by chance, and printed)
  --target NAME     decoder, broker or both (both)
  --port N          a broker that runs already on loopback, instead of one that is started
  --help            this text
`;

/** @throws UsageError with a sentence for the user. */
export function parseOptions(parameters: readonly string[]): FuzzOptions | 'help' {
  const text = { type: 'string' } as const;
  const options = {
    ...{ seconds: text, inputs: text, connections: text, seed: text, target: text, port: text },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values } = readOptions({ args: parameters, options });
  if (values.help) return 'help';
  const { target = 'both' } = values;
  if (target !== 'decoder' && target !== 'broker' && target !== 'both')
    throw new UsageError(`--target is decoder, broker or both, not "${target}".`);
  return {
    seconds: number('seconds', values.seconds, 30),
    maxInputs: number('inputs', values.inputs, Number.MAX_SAFE_INTEGER),
    maxConnections: number('connections', values.connections, Number.MAX_SAFE_INTEGER),
    seed: number('seed', values.seed, Date.now() % 2 ** 31),
    target,
    port: values.port === undefined ? undefined : number('port', values.port, 0),
  };
}

function number(name: string, given: string | undefined, otherwise: number): number {
  return given === undefined ? otherwise : numberOption(name, given, { least: 0 });
}
