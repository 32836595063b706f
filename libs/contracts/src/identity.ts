import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/**
 * What tells two items of the same vehicle and millisecond apart: the first 8 bytes (signed, big-endian) of
 * SHA-256 over the RFC 8785 form of the item as sent, before any mapping and without `vehicleId`.
 * No release may change it: a repeat of an old message must still be recognised.
 */
export function itemIdentity(item: Readonly<Record<string, unknown>>): bigint {
  return canonicalIdentity(canonicalJson(item, 'vehicleId'));
}

const halves = new Int32Array(2);
const whole = new BigInt64Array(halves.buffer);
/** Where the upper half of a 64-bit integer lies, which the machine decides. */
const upper = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** As `itemIdentity`, of what is in its RFC 8785 form already and holds no `vehicleId`: the text, or its UTF-8. */
export function canonicalIdentity(canonical: string | Uint8Array): bigint {
  // One call: a Hash object of Node costs five times as much as the hash of so few bytes. As text for the same reason, a byte a character.
  const digest = hash('sha256', canonical, 'binary');
  halves[upper] = int32At(digest, 0);
  halves[1 - upper] = int32At(digest, 4);
  return whole[0] ?? 0n;
}

function int32At(digest: string, at: number): number {
  return (digest.charCodeAt(at) << 24) | (digest.charCodeAt(at + 1) << 16) | (digest.charCodeAt(at + 2) << 8) | digest.charCodeAt(at + 3);
}
