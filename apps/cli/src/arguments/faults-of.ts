import { jsonPointer, MAX_VALIDATION_ERRORS, validationFaults } from '@milepost/contracts';
import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';

Settings.Set({ maxErrors: MAX_VALIDATION_ERRORS });

/**
 * What is wrong with a value, a line for each place: `/graceSeconds must be integer`. None when it is of the schema.
 * @param placeOf how a place within the value is called, where whoever gave it typed no JSON.
 */
export const faultsOf = (schema: TSchema, value: unknown, placeOf: (path: readonly string[]) => string = jsonPointer): string[] =>
  validationFaults([...Value.Errors(schema, value)]).map(({ path, message }) => `${placeOf(path) || 'as a whole it'} ${message}`);
