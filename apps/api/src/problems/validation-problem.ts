import { ofLikeliestAlternatives } from './likeliest-alternative.js';
import { ApiProblem } from './problem.js';

/** What TypeBox says of a value, as far as it is read here. */
interface ValidationError {
  keyword?: string;
  schemaPath?: string;
  instancePath?: string;
  message?: string;
  params?: {
    requiredProperties?: string[];
    additionalProperties?: string[];
    limit?: number;
    allowedValues?: unknown[];
    allowedValue?: unknown;
  };
}

interface Fault {
  /** Segments from the root of what was checked. */
  path: string[];
  code: string;
  message: string;
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

/** A failed validation as a problem that names each parameter, or points into the body (RFC 6901). */
export function validationProblem(errors: readonly ValidationError[], context: string | undefined): ApiProblem {
  const faults = withoutRepeats(ofLikeliestAlternatives(errors).flatMap(faultsOf));
  const inBody = context === 'body';
  const named = faults.map(({ path, code, message }) =>
    inBody ? { pointer: pointerOf(path), code, message } : { parameter: path[0] ?? '', code, message },
  );
  const detail = faults.map(({ path, message }) => `${inBody ? `body ${pointerOf(path)}`.trim() : path[0]}: ${message}`).join('; ');
  const limit = faults.find((fault) => fault.limit !== undefined)?.limit;
  return new ApiProblem('invalid_request', detail, { errors: named, ...(limit === undefined ? {} : { limit }) });
}

function faultsOf({ keyword = '', instancePath = '', message = 'is not valid', params = {} }: ValidationError): Fault[] {
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
  if (keyword === 'enum' && params.allowedValues) {
    return [{ path, code, message: `must be one of ${params.allowedValues.join(', ')}` }];
  }
  if (keyword === 'const') return [{ path, code, message: `must be ${JSON.stringify(params.allowedValue)}` }];
  return [{ path, code, message, ...(keyword === 'maximum' && params.limit !== undefined ? { limit: params.limit } : {}) }];
}

function withoutRepeats(faults: Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.filter(({ path }) => {
    const pointer = pointerOf(path);
    const isNew = !seen.has(pointer);
    seen.add(pointer);
    return isNew;
  });
}

const pointerOf = (path: readonly string[]) => path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
const unescaped = (segment: string) => segment.replaceAll('~1', '/').replaceAll('~0', '~');
