import { jsonPointer, validationFaults } from '@milepost/contracts';
import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';

// TypeBox gives up after eight: before it comes to the alternative of a union that was meant.
Settings.Set({ maxErrors: 256 });

/** What is wrong with a value, a line for each place: `/graceSeconds must be integer`. None when it is of the schema. */
export const faultsOf = (schema: TSchema, value: unknown): string[] =>
  validationFaults([...Value.Errors(schema, value)]).map(({ path, message }) => `${jsonPointer(path) || 'as a whole it'} ${message}`);
