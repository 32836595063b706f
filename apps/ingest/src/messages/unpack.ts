import { gunzipSync } from 'node:zlib';
import type { Fault } from '@milepost/contracts';

/** No payload becomes larger than this, packed or not. */
export const maxUnpackedBytes = 8 * 1024 * 1024;
/** No packed payload grows by more than this factor: fixes compress about twenty-fold, bombs a thousand-fold. */
export const maxUnpackRatio = 100;

export type Unpacking = { ok: true; bytes: Buffer } | { ok: false; fault: Fault };

/** Unpacks gzip (RFC 1952), said by `content-encoding` or by its magic bytes. zlib stops at the bound: a bomb never lies unpacked in memory. */
export function unpack(payload: Buffer, contentEncoding: string | undefined): Unpacking {
  const encoding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  const gzip = encoding === 'gzip' || encoding === 'x-gzip' || (payload[0] === 0x1f && payload[1] === 0x8b);
  if (!gzip && encoding !== 'identity' && encoding !== '') {
    return fault('invalid_encoding', `content-encoding "${encoding.slice(0, 40)}" is not understood; send gzip, or nothing packed`);
  }
  if (!gzip) return payload.length > maxUnpackedBytes ? tooLarge(maxUnpackedBytes) : { ok: true, bytes: payload };

  const bound = Math.min(maxUnpackedBytes, payload.length * maxUnpackRatio);
  try {
    return { ok: true, bytes: gunzipSync(payload, { maxOutputLength: Math.max(bound, 1) }) };
  } catch (error) {
    if (error instanceof RangeError) return tooLarge(bound);
    return fault('invalid_encoding', `the gzip data cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tooLarge(bound: number): Unpacking {
  return fault(
    'too_large_unpacked',
    `unpacks to more than ${bound} bytes (at most ${maxUnpackedBytes}, and ${maxUnpackRatio} times its packed size)`,
  );
}

function fault(code: Fault['code'], message: string): Unpacking {
  return { ok: false, fault: { code, pointer: '', message } };
}
