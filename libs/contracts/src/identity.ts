import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';

// A CommonJS package whose types say ESM: at run time the import is the function itself.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/**
 * What tells two items of the same vehicle and millisecond apart: the first 8 bytes (signed, big-endian) of
 * SHA-256 over the RFC 8785 form of the item as sent, before any mapping and without `vehicleId`.
 * No release may change it: a repeat of an old message must still be recognised.
 */
export function itemIdentity(item: Readonly<Record<string, unknown>>): bigint {
  const { vehicleId: _, ...rest } = item;
  return createHash('sha256')
    .update(canonicalize(rest) ?? '')
    .digest()
    .readBigInt64BE(0);
}
