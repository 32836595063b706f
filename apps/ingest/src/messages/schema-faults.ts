import { type Fault, type ValidationError, validationMessage } from '@milepost/contracts';
import { pointerTo } from './json-pointer.js';

/** The part of a TypeBox error that is used here. */
export interface SchemaError {
  keyword: string;
  instancePath: string;
  message: string;
  params: object;
}

/**
 * TypeBox's errors as faults: one for each place. Where no branch of a union matches, the faults inside of the branches tell more
 * than "matches none of them", so they stand alone when there are any.
 */
export function schemaFaults(errors: Iterable<SchemaError>): Fault[] {
  const byPlace = new Map<string, { messages: Set<string>; missing: Set<string>; union: boolean }>();
  for (const error of errors) {
    const place = byPlace.get(error.instancePath) ?? { messages: new Set(), missing: new Set(), union: false };
    byPlace.set(error.instancePath, place);
    if (error.keyword === 'anyOf') place.union = true;
    else if (error.keyword === 'required') for (const name of requiredOf(error.params)) place.missing.add(name);
    else if (error.keyword !== 'additionalProperties') place.messages.add(said(error));
  }

  const faults: Fault[] = [];
  for (const [pointer, { messages, missing, union }] of byPlace) {
    const inner = union && [...byPlace.keys()].some((other) => other.startsWith(`${pointer}/`));
    if (inner) continue;
    if (!union)
      for (const name of missing) faults.push({ code: 'missing_field', pointer: pointerTo(pointer, name), message: 'is required' });
    else if (missing.size > 0) messages.add(`must have ${[...missing].join(', ')}`);
    if (messages.size > 0) faults.push({ code: 'invalid_field', pointer, message: [...messages].join(', or ') });
  }
  return faults;
}

function said(error: SchemaError): string {
  return error.keyword === 'boolean' ? 'has a name that is not permitted here' : validationMessage(error as ValidationError);
}

function requiredOf(params: object): readonly string[] {
  return 'requiredProperties' in params && Array.isArray(params.requiredProperties) ? (params.requiredProperties as string[]) : [];
}
