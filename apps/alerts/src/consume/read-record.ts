import { type PresenceRecord, PresenceRecordSchema } from '@milepost/contracts';
import type { LogRecord } from '@milepost/kafka';
import { Compile } from 'typebox/compile';

const validator = Compile(PresenceRecordSchema);

/** A NUL, raw or escaped: Postgres stores none, in text or in jsonb. */
const NUL = /\0|\\u0000/;

export type ReadRecord = { ok: true; record: PresenceRecord } | { ok: false; error: string };

/** Parses a record of `fleet.presence`. Whatever is in the log, it never throws: one bad record must not stop a partition. */
export function readRecord({ value }: Pick<LogRecord, 'value'>): ReadRecord {
  if (value === null) return { ok: false, error: 'a tombstone' };
  const text = value.toString('utf8');
  if (NUL.test(text)) return { ok: false, error: 'contains a NUL character' };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { ok: false, error: 'is not JSON' };
  }
  if (validator.Check(content)) return { ok: true, record: content };
  const [first] = validator.Errors(content);
  return { ok: false, error: first === undefined ? 'is of no known kind' : `${first.instancePath || '/'} ${first.message}` };
}
