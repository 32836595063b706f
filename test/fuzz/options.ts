import { parseArgs } from 'node:util';

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

/** Of the command line; throws with a message for people. */
export function parseOptions(parameters: readonly string[]): FuzzOptions {
  const text = { type: 'string' } as const;
  const options = { seconds: text, inputs: text, connections: text, seed: text, target: text, port: text };
  const { values } = parseArgs({ args: [...parameters], options });
  const { target = 'both' } = values;
  if (target !== 'decoder' && target !== 'broker' && target !== 'both') throw new Error('--target is decoder, broker or both');
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
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is a whole number`);
  return value;
}
