import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { BackingServiceError } from './backing-service-error.js';

/** What a service is found again by at the next start: ports, cluster id, password. Undefined at the first start. */
export function readServiceRecord<T>(file: string, schema: TSchema): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const record = parsed(text);
  if (!Value.Check(schema, record)) {
    throw new BackingServiceError('folder_damaged', `${file} is not what milepost wrote. ${howToMend(dirname(file))}`);
  }
  return record as T;
}

/** All of the record or nothing of it, readable by its owner alone. */
export function writeServiceRecord(file: string, record: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function howToMend(folder: string): string {
  return `Put ${folder} back from a copy, or begin anew without its data: npm start -- --fresh (or delete the data folder).`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
