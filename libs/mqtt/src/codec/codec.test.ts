import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet, ProtocolVersion } from '../packets/packet.js';
import type { ProtocolError } from '../packets/protocol-error.js';
import { Decoder } from './decoding/decoder.js';
import { encode } from './encoding/encoder.js';
import { publishBytes } from './encoding/write-publish.js';
import { packetOf } from './packet.fixture.js';

const MAX_BYTES = 1 << 20;

function decodeAll(chunks: Buffer[], version: ProtocolVersion | undefined): (Packet | ProtocolError)[] {
  const decoder = new Decoder({ maxPacketBytes: MAX_BYTES, ...(version === undefined ? {} : { protocolVersion: version }) });
  const results: (Packet | ProtocolError)[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let result = decoder.next(); result !== undefined; result = decoder.next()) results.push(result);
  }
  return results;
}

function split(stream: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...places, stream.length];
  return edges.slice(1).map((end, index) => stream.subarray(edges[index], end));
}

describe.each([4, 5] as const)('codec of protocol level %i', (version) => {
  it('decode(encode(packet)) is the packet', () => {
    fc.assert(
      fc.property(packetOf(version), (packet) => {
        expect(decodeAll([encode(packet, version)], version)).toEqual([packet]);
      }),
      { numRuns: 500 },
    );
  });

  it('what a PUBLISH will take is what it takes', () => {
    const publishOf = packetOf(version).filter((packet) => packet.type === 'publish');
    fc.assert(
      fc.property(publishOf, (packet) => {
        expect(publishBytes(packet, version)).toBe(encode(packet, version).length);
      }),
    );
  });

  it('any split of the stream gives the same packets', () => {
    fc.assert(
      fc.property(fc.array(packetOf(version), { minLength: 1, maxLength: 6 }), fc.array(fc.nat()), (packets, cuts) => {
        const stream = Buffer.concat(packets.map((packet) => encode(packet, version)));
        expect(decodeAll(split(stream, cuts), version)).toEqual(packets);
      }),
      { numRuns: 200 },
    );
  });

  it('one byte at a time gives the same packets as one chunk', () => {
    fc.assert(
      fc.property(packetOf(version), (packet) => {
        const stream = encode(packet, version);
        const bytes = Array.from(stream, (byte) => Buffer.of(byte));
        expect(decodeAll(bytes, version)).toEqual([packet]);
      }),
      { numRuns: 100 },
    );
  });

  it('any mutation of a valid stream ends in packets or in one clean error, however it is split', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.array(packetOf(version), { minLength: 1, maxLength: 3 }),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat()),
        (packets, mutations, cuts) => {
          const stream = Buffer.concat(packets.map((packet) => encode(packet, version)));
          for (const { at, byte } of mutations) stream[at % stream.length] = byte;
          const whole = decodeAll([stream], version);
          const errors = whole.filter((result) => result.type === 'protocol-error');
          expect(errors.length).toBeLessThanOrEqual(1);
          if (errors.length === 1) expect(whole.at(-1)?.type).toBe('protocol-error');
          expect(decodeAll(split(stream, cuts), version)).toEqual(whole);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

it('random bytes end in packets or in one clean error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(4, 5, undefined), (bytes, version) => {
      const errors = decodeAll([Buffer.from(bytes)], version).filter((result) => result.type === 'protocol-error');
      expect(errors.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2000 },
  );
});

/** Bytes that `Buffer.copy` moved, and how often it was called, while the work was done. */
function countCopies(work: () => void): { bytes: number; calls: number } {
  const { copy } = Buffer.prototype;
  const count = { bytes: 0, calls: 0 };
  Buffer.prototype.copy = function counted(this: Buffer, ...parameters: Parameters<typeof copy>): number {
    const bytes = copy.apply(this, parameters);
    count.bytes += bytes;
    count.calls += 1;
    return bytes;
  };
  try {
    work();
  } finally {
    Buffer.prototype.copy = copy;
  }
  return count;
}

it.each([1, 1000])('a packet of 1 MiB in chunks of %i bytes costs linear work: no byte is moved more than three times', (chunkBytes) => {
  const payload = Buffer.alloc(1 << 20);
  const stream = encode({ type: 'publish', topic: 't', payload, qos: 0, retain: false, dup: false, packetId: 0, properties: {} }, 4);
  const decoder = new Decoder({ maxPacketBytes: 2 * MAX_BYTES, protocolVersion: 4 });
  let packets = 0;
  const { bytes, calls } = countCopies(() => {
    for (let at = 0; at < stream.length; at += chunkBytes) {
      decoder.push(stream.subarray(at, at + chunkBytes));
      if (decoder.next() !== undefined) packets++;
    }
  });
  expect(packets).toBe(1);
  expect(bytes).toBeLessThanOrEqual(3 * stream.length);
  expect(calls).toBeLessThanOrEqual(stream.length / chunkBytes + 32);
});
