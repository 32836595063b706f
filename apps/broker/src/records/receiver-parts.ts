import type { KeptMessage } from '@milepost/contracts';
import type { messageBytes, OutboundMessage } from '@milepost/mqtt';
import { MOST_BYTES_A_CHARACTER, maxRecordBytes, surelyFits } from './record-room.js';

type Receivers = KeptMessage['receivers'];

export interface DividedReceivers {
  /** In the record of the message itself. */
  readonly first: Receivers;
  /** For records of their own, in order. */
  readonly parts: readonly Receivers[];
}

/** What else a record of receivers has, and what the message's own says of such records. */
const BESIDE_BYTES = 1_024;
/** Of a receiver as JSON, beside the names in it. */
const ENTRY_BYTES = 140;

/**
 * A record has room for some ten thousand receivers, and a message may have more: those that do not fit beside it go into further records,
 * so that its body is on record once. `ownBytes`: what the message's record takes without receivers, as `encodedBytes` counts.
 */
export function divideReceivers(receivers: Receivers, message: OutboundMessage, ownBytes: () => number): DividedReceivers {
  if (surelyFit(receivers, message)) return { first: receivers, parts: [] };
  const all: Receivers[] = [[]];
  let room = maxRecordBytes - BESIDE_BYTES - ownBytes();
  for (const receiver of receivers) {
    const bytes = Buffer.byteLength(JSON.stringify(receiver)) + 1;
    if (bytes > room) {
      all.push([]);
      room = maxRecordBytes - BESIDE_BYTES;
    }
    room -= bytes;
    all.at(-1)?.push(receiver);
  }
  const [first = [], ...parts] = all;
  return { first, parts };
}

/** Whatever their characters are, without a look at each of them: that is so of nearly every message. Says no to others that would fit. */
function surelyFit(receivers: Receivers, message: Parameters<typeof messageBytes>[0]): boolean {
  let bytes = BESIDE_BYTES;
  for (const { client, share } of receivers) bytes += ENTRY_BYTES + MOST_BYTES_A_CHARACTER * (client.length + (share?.length ?? 0));
  return surelyFits(message, bytes);
}
