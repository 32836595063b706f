import { createHash } from 'node:crypto';

/** Tells a payload that cannot be read from another one. */
export function payloadHash(payload: Buffer | string): string {
  return createHash('sha256').update(payload).digest('hex').slice(0, 24);
}
