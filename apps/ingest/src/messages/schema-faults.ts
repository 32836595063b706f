import { type Fault, type ValidationError, validationMessage } from '@milepost/contracts';
import { pointerTo } from './json-pointer.js';

/** The part of a TypeBox error that is used here. */
export interface SchemaError {
  keyword: string;
  /** Where the schema stands that says so, as `#/properties/recordedAt/anyOf/0`. */
  schemaPath: string;
  instancePath: string;
  message: string;
  params: object;
}

interface Place {
  messages: Set<string>;
  /** Of each object that it could have been, what it lacks. */
  missing: (readonly string[])[];
  union: boolean;
  /** The union's own words for all of its branches. */
  wanted?: string | undefined;
}

/**
 * TypeBox's errors as faults: one for each place. Where no branch of a union matches, the faults inside of the branches tell more
 * than "matches none of them", so they stand alone when there are any. Of unions and patterns the schema's description says what must be there.
 */
export function schemaFaults(errors: Iterable<SchemaError>, schema: object): Fault[] {
  const byPlace = new Map<string, Place>();
  for (const error of errors) {
    const place: Place = byPlace.get(error.instancePath) ?? { messages: new Set(), missing: [], union: false };
    byPlace.set(error.instancePath, place);
    if (error.keyword === 'anyOf') {
      place.union = true;
      place.wanted ??= wantedAt(schema, error.schemaPath);
    } else if (error.keyword === 'required') place.missing.push(requiredOf(error.params));
    else if (error.keyword !== 'additionalProperties') place.messages.add(said(error, schema));
  }

  const faults: Fault[] = [];
  for (const [pointer, { messages, missing, union, wanted }] of byPlace) {
    const inner = union && [...byPlace.keys()].some((other) => other.startsWith(`${pointer}/`));
    if (inner) continue;
    if (!union)
      for (const name of new Set(missing.flat()))
        faults.push({ code: 'missing_field', pointer: pointerTo(pointer, name), message: 'is required' });
    else if (missing.length > 0) messages.add(`must have ${missing.map((names) => names.join(' and ')).join(', or ')}`);
    if (messages.size > 0) faults.push({ code: 'invalid_field', pointer, message: wanted ?? [...messages].join(', or ') });
  }
  return faults;
}

function said(error: SchemaError, schema: object): string {
  if (error.keyword === 'boolean') return 'has a name that is not permitted here';
  const wanted = error.keyword === 'pattern' ? wantedAt(schema, error.schemaPath) : undefined;
  return wanted ?? validationMessage(error as ValidationError);
}

function wantedAt(schema: object, schemaPath: string): string | undefined {
  let at: unknown = schema;
  for (const name of schemaPath.split('/').slice(1)) at = (at as Record<string, unknown> | undefined)?.[name];
  const { description } = (at ?? {}) as { description?: unknown };
  return typeof description === 'string' ? `must be ${description}` : undefined;
}

function requiredOf(params: object): readonly string[] {
  return 'requiredProperties' in params && Array.isArray(params.requiredProperties) ? (params.requiredProperties as string[]) : [];
}
