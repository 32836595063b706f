import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** The first byte says how the rest is packed. */
const PLAIN = 0;
const DEFLATED = 1;

/** Shorter texts hardly shrink. */
const MIN_DEFLATED_BYTES = 200;
/** Longer ones are deflated beside the event loop. */
const MAX_SYNC_BYTES = 16_384;
/** Nothing that is packed here comes near it. */
const MAX_UNPACKED_BYTES = 256 * 1_048_576;

/** A value as JSON in a bytea: deflated where that makes it shorter. */
export async function packJson(value: unknown): Promise<Buffer> {
  const plain = Buffer.from(JSON.stringify(value));
  if (plain.length < MIN_DEFLATED_BYTES) return Buffer.concat([Buffer.from([PLAIN]), plain]);
  const deflated = plain.length <= MAX_SYNC_BYTES ? deflateRawSync(plain) : await deflate(plain);
  return Buffer.concat([Buffer.from([DEFLATED]), deflated]);
}

/**
 * What `packJson` was given. `T` is what the caller knows to have been packed.
 * @throws Error when it is packed in a way that this version does not know, or is damaged.
 */
export async function unpackJson<T>(packed: Buffer): Promise<T> {
  const content = packed.subarray(1);
  switch (packed[0]) {
    case PLAIN:
      return JSON.parse(content.toString()) as T;
    case DEFLATED:
      return JSON.parse((await inflate(content, { maxOutputLength: MAX_UNPACKED_BYTES })).toString()) as T;
    default:
      throw new Error(`A packed value begins with ${packed[0]}, which this version cannot unpack`);
  }
}
