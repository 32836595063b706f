import { readFileSync } from 'node:fs';
import { FieldMappings } from './field-mapping.js';

/** The mappings of FIELD_MAPPINGS_FILE, checked at start. @throws when the file cannot be read or is wrong. */
export function loadFieldMappings(file: string | undefined): FieldMappings {
  if (file === undefined) return new FieldMappings({});
  try {
    return new FieldMappings(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`FIELD_MAPPINGS_FILE ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
