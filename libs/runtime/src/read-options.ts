import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line makes no sense. Whoever reads it prints the sentence and ends with 2, as `milepost` does. */
export class UsageError extends Error {
  readonly code = 'usage';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/**
 * Node's `parseArgs`, with two differences: `--fleet -1` is a value, which whoever reads the number refuses in its own words; and what is wrong
 * is one sentence without advice on how to quote dashes.
 * @throws UsageError
 */
export function readOptions<T extends ParseArgsConfig & { args: readonly string[] }>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs<T>({ ...config, args: withNegativeNumbers(config) });
  } catch (cause) {
    if (!(cause instanceof Error) || !String((cause as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_')) throw cause;
    const [sentence = ''] = cause.message.split(/\.\s/);
    throw new UsageError(`${sentence.replace('is ambiguous', 'missing')}. --help says what there is.`, { cause });
  }
}

export interface NumberRange {
  least: number;
  /** Without it there is no bound that anybody would reach. */
  most?: number;
  /** Fractions are no such number (true). */
  whole?: boolean;
}

/**
 * The number that an option was given. An empty value is none: `--rate=$RATE` without RATE would be 0.
 * @throws UsageError
 */
export function numberOption(name: string, given: string, { least, most = Number.MAX_SAFE_INTEGER, whole = true }: NumberRange): number {
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new UsageError(`--${name} takes a ${whole ? 'whole ' : ''}number ${range}, not "${given}".`);
}

/** Node takes `--fleet -1` for two options. */
function withNegativeNumbers({ args, options = {} }: ParseArgsConfig & { args: readonly string[] }): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    if (before?.startsWith('--') && options[before.slice(2)]?.type === 'string' && /^-[\d.]/.test(arg))
      joined.splice(-1, 1, `${before}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}
