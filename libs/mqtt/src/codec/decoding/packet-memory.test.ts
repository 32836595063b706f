import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { NO_PROPERTIES } from '../../packets/properties.js';
import { encode } from '../encoding/encoder.js';
import { Decoder } from './decoder.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Gives the decoder a large packet in memory that nobody else holds. */
function pushLargePublish(decoder: Decoder): WeakRef<ArrayBufferLike> {
  const payload = Buffer.alloc(100_000);
  const packet = {
    type: 'publish',
    topic: 't',
    payload,
    qos: 0,
    retain: false,
    dup: false,
    packetId: 0,
    properties: NO_PROPERTIES,
  } as const;
  const chunk = Buffer.from(new Uint8Array(encode(packet, 5)).buffer);
  decoder.push(chunk);
  expect(decoder.next()).toMatchObject({ type: 'publish', topic: 't' });
  return new WeakRef(chunk.buffer);
}

it('holds the memory of a packet no longer than until the next one', async () => {
  const decoder = new Decoder({ maxPacketBytes: 200_000, protocolVersion: 5 });
  const memory = pushLargePublish(decoder);
  decoder.push(encode({ type: 'pingreq' }, 5));
  expect(decoder.next()).toEqual({ type: 'pingreq' });
  for (let round = 0; round < 5; round++) {
    await turn();
    collectGarbage();
  }
  expect(memory.deref()?.byteLength).toBeUndefined();
  // The decoder is needed until here, or it would be collected with what it holds.
  expect(decoder.bufferedBytes).toBe(0);
});
