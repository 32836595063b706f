import { recordHeaders } from '@milepost/contracts';
import type { Message } from './message.js';

/** User properties that go with the record under their own names. */
const CARRIED = [recordHeaders.contentEncoding, recordHeaders.traceparent] as const;

/** Headers of a bridged record: the client's own, shared object unless the message carries something itself. */
export function headersOf({ properties }: Message, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { contentType, userProperties } = properties;
  if (contentType === undefined && userProperties === undefined) return own;
  const headers: Record<string, string> = { ...own };
  if (contentType !== undefined) headers[recordHeaders.contentType] = contentType;
  for (const name of CARRIED) {
    const value = userProperties?.find(([property]) => property === name)?.[1];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
