import { namePattern, saidInstantPattern, textPattern } from '../api/fields.js';
import { vehicleIdPattern } from '../vehicle-id.js';
import { ofLikeliestAlternatives } from './likeliest-alternative.js';

/** What TypeBox says of a value, as far as it is read here. */
export interface ValidationError {
  keyword?: string;
  schemaPath?: string;
  instancePath?: string;
  message?: string;
  params?: {
    requiredProperties?: string[];
    additionalProperties?: string[];
    limit?: number | bigint;
    format?: string;
    allowedValues?: unknown[];
    allowedValue?: unknown;
    [other: string]: unknown;
  };
}

/**
 * So many of what TypeBox says are asked for wherever faults are named. It gives up after eight: before it comes to the alternative that was meant,
 * and to the union, which it names last. A body is 64 KiB at most. One number for all: it is a setting of the process, which the last one to set it sets.
 */
export const MAX_VALIDATION_ERRORS = 2_048;

/** Something that is wrong at one place of a value. */
export interface ValidationFault {
  /** Segments from the root of what was checked. */
  path: string[];
  /** For programs: `missing`, `unknown`, `too_large` … */
  code: string;
  /** For people, behind the place: `must be <= 90`. */
  message: string;
  /** The greatest value that is allowed, when that was passed. */
  limit?: number;
}

const codeOfKeyword: Readonly<Record<string, string>> = {
  required: 'missing',
  additionalProperties: 'unknown',
  type: 'wrong_type',
  enum: 'not_allowed',
  const: 'not_allowed',
  format: 'wrong_format',
  pattern: 'wrong_format',
  minimum: 'too_small',
  minLength: 'too_short',
  maximum: 'too_large',
  maxLength: 'too_long',
  maxItems: 'too_long',
  uniqueItems: 'not_unique',
};

const formatsInWords: Readonly<Record<string, string>> = {
  'date-time': 'must be an RFC 3339 time like 2026-11-24T06:00:00Z',
  'time-of-day': 'must be a time of day like 22:00, at most 23:59',
  'time-zone': 'is no IANA time zone, like Europe/Berlin',
};

/** Patterns of what somebody says to the API. Of another one TypeBox shows the pattern itself. */
const patternsInWords: Readonly<Record<string, string>> = {
  [vehicleIdPattern]: 'must be a vehicle id: 1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or digit',
  [textPattern]: 'must not hold the character U+0000',
  [namePattern]: 'must hold no control characters',
  [saidInstantPattern]: 'must be a time of the years 1000 to 2999, and no leap second',
};

/** TypeBox's errors as what a person mends: one fault a place, and of a union those of the alternative that is likeliest meant. */
export function validationFaults(errors: readonly ValidationError[]): ValidationFault[] {
  const seen = new Set<string>();
  return ofLikeliestAlternatives(errors)
    .flatMap(faultsOf)
    .filter(({ path }) => {
      const pointer = jsonPointer(path);
      const isNew = !seen.has(pointer);
      seen.add(pointer);
      return isNew;
    });
}

/** An error in words, where TypeBox's own do not say what is allowed. */
export function validationMessage({ keyword, message = 'is not valid', params = {} }: ValidationError): string {
  if (keyword === 'enum' && params.allowedValues) return `must be one of ${params.allowedValues.join(', ')}`;
  if (keyword === 'minProperties' && params.limit === 1) return 'must say at least one thing to change';
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`;
  if (keyword === 'pattern') return patternsInWords[String(params.pattern)] ?? message;
  return (keyword === 'format' && params.format !== undefined && formatsInWords[params.format]) || message;
}

/** RFC 6901; the empty path is the empty text. */
export const jsonPointer = (path: readonly string[]): string =>
  path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function faultsOf(error: ValidationError): ValidationFault[] {
  const { keyword = '', instancePath = '', params = {} } = error;
  const path = instancePath.split('/').slice(1).map(unescaped);
  const code = codeOfKeyword[keyword] ?? 'invalid';
  if (keyword === 'required') {
    return (params.requiredProperties ?? []).map((name) => ({ path: [...path, name], code, message: 'is missing' }));
  }
  if (keyword === 'additionalProperties') {
    return (params.additionalProperties ?? []).map((name) => ({
      path: [...path, name],
      code,
      message: 'is not known here; check its spelling',
    }));
  }
  // A property schema that forbids its property says so again for each: the fault above names it.
  if (keyword === 'boolean') return [];
  return [
    {
      path,
      code,
      message: validationMessage(error),
      ...(keyword === 'maximum' && typeof params.limit === 'number' && { limit: params.limit }),
    },
  ];
}

const unescaped = (segment: string) => segment.replaceAll('~1', '/').replaceAll('~0', '~');
