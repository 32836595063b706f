import { jsonPointer, MAX_VALIDATION_ERRORS, type ValidationError, type ValidationFault, validationFaults } from '@milepost/contracts';
import { Settings } from 'typebox/system';
import { ApiProblem } from './problem.js';

/** More than anybody mends at a time. */
const maxFaults = 16;

Settings.Set({ maxErrors: MAX_VALIDATION_ERRORS });

/**
 * A failed validation as a problem that names each parameter, or points into the body (RFC 6901).
 * @param checked the body or the query that was validated
 */
export function validationProblem(errors: readonly ValidationError[], context: string | undefined, checked: unknown): ApiProblem {
  if (context === 'body' && checked === undefined) {
    const message = 'the body is missing; send a JSON object';
    return new ApiProblem('invalid_request', message, { errors: [{ pointer: '', code: 'missing', message }] });
  }
  const all = validationFaults(errors).map((fault) => (context === 'querystring' && isRepeated(checked, fault) ? repeated(fault) : fault));
  const faults = all.slice(0, maxFaults);
  const inBody = context === 'body';
  const named = faults.map(({ path, code, message }) =>
    inBody ? { pointer: jsonPointer(path), code, message } : { parameter: path[0] ?? '', code, message },
  );
  const said = faults.map(({ path, message }) => `${inBody ? `body ${jsonPointer(path)}`.trim() : path[0]}: ${message}`);
  if (all.length > faults.length) said.push(`and ${all.length - faults.length} more`);
  // In a body each field may have one: it stands in the field's message.
  const limit = inBody ? undefined : faults.find((fault) => fault.limit !== undefined)?.limit;
  return new ApiProblem('invalid_request', said.join('; '), { errors: named, ...(limit === undefined ? {} : { limit }) });
}

/** No parameter of this API is a list: one that is given again comes as one. */
const isRepeated = (query: unknown, { path: [name = ''] }: ValidationFault): boolean =>
  Array.isArray((query as Readonly<Record<string, unknown>> | undefined)?.[name]);

const repeated = ({ path }: ValidationFault): ValidationFault => ({
  path: path.slice(0, 1),
  code: 'repeated',
  message: 'is given more than once',
});
