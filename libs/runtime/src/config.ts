import type { Static, TObject, TProperties } from 'typebox';
import { Value } from 'typebox/value';
import { env } from './env.js';

/** The variables that every app understands. */
export const commonEnv = {
  LOG_LEVEL: env.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
    default: 'info',
    description: 'Least level that is logged',
  }),
  STATUS_HOST: env.string({ default: '127.0.0.1', description: 'Address on which /healthz, /readyz and /metrics are served' }),
  STATUS_PORT: env.port({ default: 0, description: 'Port of /healthz, /readyz and /metrics; 0 takes a free one and logs it' }),
};

export interface ConfigProblem {
  variable: string;
  message: string;
}

/** Every wrong variable at once, so that one look mends them all. */
export class ConfigError extends Error {
  readonly code = 'invalid_configuration';
  constructor(readonly problems: ConfigProblem[]) {
    super(`The configuration is not usable:\n${problems.map((p) => `  ${p.variable}: ${p.message}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

interface VariableSchema {
  type?: string;
  enum?: unknown[];
  default?: unknown;
  description?: string;
  secret?: boolean;
}

/**
 * Reads the variables that the schema names, converts and checks them.
 * An empty variable counts as absent.
 * @throws ConfigError naming every wrong variable, its value (unless secret) and what is expected.
 */
export function parseConfig<P extends TProperties>(
  schema: TObject<P>,
  environment: Record<string, string | undefined>,
): Static<TObject<P>> {
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};
  const required = new Set(schema.required as string[] | undefined);
  for (const [variable, property] of Object.entries(schema.properties) as [string, VariableSchema][]) {
    const text = environment[variable]?.trim();
    if (text === undefined || text === '') {
      if (property.default !== undefined) values[variable] = structuredClone(property.default);
      else if (required.has(variable)) problems.push({ variable, message: `is not set. ${property.description ?? ''}` });
      continue;
    }
    const value = converted(property, text);
    const errors = [...Value.Errors(property as TObject, value)];
    if (errors.length > 0) {
      const shown = property.secret === true ? 'its value' : `"${text}"`;
      const expected = property.enum ? `must be one of ${property.enum.join(', ')}` : errors.map((e) => e.message).join(', ');
      problems.push({ variable, message: `${shown} ${expected}. ${property.description ?? ''}` });
    }
    values[variable] = value;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  // Checked above, value by value. As `Static<…>` of any properties at all, said so, it would cost the compiler half a minute.
  return values as never;
}

function converted(property: VariableSchema, text: string): unknown {
  switch (property.type) {
    case 'integer':
    case 'number':
      return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
    case 'boolean':
      return /^(true|1|yes|on)$/i.test(text) ? true : /^(false|0|no|off)$/i.test(text) ? false : text;
    case 'array':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    default:
      return text;
  }
}

export interface VariableDescription {
  variable: string;
  type: string;
  default: string;
  description: string;
}

/** The configuration as rows, for `--help` and the generated documentation. */
export function describeConfig(schema: TObject): VariableDescription[] {
  const required = new Set(schema.required as string[] | undefined);
  return (Object.entries(schema.properties) as [string, VariableSchema][]).map(([variable, property]) => ({
    variable,
    type: property.enum ? property.enum.join(' | ') : property.type === 'array' ? 'list' : (property.type ?? 'string'),
    default: property.default !== undefined ? String(property.default) : required.has(variable) ? 'required' : '',
    description: property.description ?? '',
  }));
}
