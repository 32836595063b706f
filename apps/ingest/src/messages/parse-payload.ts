import { isUtf8 } from 'node:buffer';
import { type Fault, maxItemsPerMessage } from '@milepost/contracts';
import { unpack } from './unpack.js';

/** What stands in a payload; `batched` when it is an array, whose items have their index in every pointer. */
export type Parsing = { ok: true; items: readonly unknown[]; batched: boolean; bytes: number } | { ok: false; fault: Fault };

export interface PayloadShape {
  contentEncoding: string | undefined;
  /** Only locations come in arrays. */
  batches: boolean;
}

/** Bytes → items. UTF-8 is strict; of duplicate keys the last counts (JSON.parse); NaN and Infinity are no JSON. */
export function parsePayload(payload: Buffer | null, { contentEncoding, batches }: PayloadShape): Parsing {
  if (payload === null || payload.length === 0) return fault('invalid_json', 'the payload is empty');
  const unpacked = unpack(payload, contentEncoding);
  if (!unpacked.ok) return unpacked;
  if (!isUtf8(unpacked.bytes)) return fault('invalid_json', 'the payload is not UTF-8');

  let value: unknown;
  try {
    value = JSON.parse(unpacked.bytes.toString('utf8'));
  } catch (error) {
    return fault('invalid_json', error instanceof Error ? error.message.slice(0, 200) : 'the payload is not JSON');
  }
  const bytes = unpacked.bytes.length;
  if (!batches || !Array.isArray(value)) return { ok: true, items: [value], batched: false, bytes };
  if (value.length === 0) return fault('empty_batch', 'the array holds no item');
  if (value.length > maxItemsPerMessage) {
    return fault('too_many_items', `the array holds ${value.length} items; at most ${maxItemsPerMessage} may come in one message`);
  }
  return { ok: true, items: value, batched: true, bytes };
}

function fault(code: Fault['code'], message: string): Parsing {
  return { ok: false, fault: { code, pointer: '', message } };
}
