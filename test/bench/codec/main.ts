// Decoding and encoding of PUBLISH beside mqtt-packet, in one run: only the ratio says something.
//   node node_modules/.cache/tests/test/bench/codec/main.js [rounds]
import { Decoder, Encoder, encode, NO_PROPERTIES, type Publish } from '@milepost/mqtt';
import { generate, parser } from 'mqtt-packet';

const PACKETS_A_CHUNK = 100;
const CHUNKS_A_ROUND = 500;
const rounds = Number(process.argv[2] ?? 9);

const publish: Publish = {
  type: 'publish',
  topic: 'fleet/truck-0001/location',
  payload: Buffer.alloc(198, 0x20),
  qos: 1,
  retain: false,
  dup: false,
  packetId: 7,
  properties: NO_PROPERTIES,
};
const theirs = { cmd: 'publish', topic: publish.topic, payload: publish.payload, qos: 1, retain: false, dup: false, messageId: 7 } as const;
const chunk = Buffer.concat(Array.from({ length: PACKETS_A_CHUNK }, () => encode(publish, 4)));

function decodeOurs(): number {
  const decoder = new Decoder({ maxPacketBytes: 1 << 20, protocolVersion: 4 });
  let packets = 0;
  for (let index = 0; index < CHUNKS_A_ROUND; index++) {
    decoder.push(chunk);
    while (decoder.next() !== undefined) packets++;
  }
  return packets;
}

function decodeTheirs(): number {
  const decoder = parser({ protocolVersion: 4 });
  let packets = 0;
  decoder.on('packet', () => packets++);
  for (let index = 0; index < CHUNKS_A_ROUND; index++) decoder.parse(chunk);
  return packets;
}

function acknowledgeOurs(): number {
  const encoder = new Encoder(4);
  let bytes = 0;
  for (let index = 0; index < CHUNKS_A_ROUND; index++) {
    for (let packetId = 1; packetId <= PACKETS_A_CHUNK; packetId++) {
      encoder.write({ type: 'puback', packetId, reasonCode: 0, properties: NO_PROPERTIES });
    }
    for (const buffer of encoder.take()) bytes += buffer.length;
  }
  return bytes / 4;
}

function acknowledgeTheirs(): number {
  let bytes = 0;
  for (let index = 0; index < CHUNKS_A_ROUND; index++) {
    for (let messageId = 1; messageId <= PACKETS_A_CHUNK; messageId++) bytes += generate({ cmd: 'puback', messageId }).length;
  }
  return bytes / 4;
}

function encodeOurs(): number {
  const encoder = new Encoder(4);
  let packets = 0;
  for (let index = 0; index < CHUNKS_A_ROUND; index++) {
    for (let count = 0; count < PACKETS_A_CHUNK; count++) if (encoder.write(publish)) packets++;
    encoder.take();
  }
  return packets;
}

function encodeTheirs(): number {
  let packets = 0;
  for (let index = 0; index < CHUNKS_A_ROUND * PACKETS_A_CHUNK; index++) if (generate(theirs).length > 0) packets++;
  return packets;
}

/** Nanoseconds a packet, the median of all rounds; both sides take turns, so that a busy machine is busy for both. */
function compare(name: string, ours: () => number, other: () => number): void {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [side, work] of [ours, other].entries()) {
      const start = performance.now();
      const packets = work();
      // The first round warms up.
      if (round > 0) times[side]?.push(((performance.now() - start) * 1e6) / packets);
    }
  }
  const [mine, its] = times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0);
  process.stdout.write(
    `${name}: ${mine?.toFixed(0)} ns a packet, mqtt-packet ${its?.toFixed(0)} ns (${((its ?? 0) / (mine ?? 1)).toFixed(1)} times)\n`,
  );
}

compare('decode PUBLISH of 198 bytes', decodeOurs, decodeTheirs);
compare('encode PUBLISH of 198 bytes', encodeOurs, encodeTheirs);
compare('encode PUBACK', acknowledgeOurs, acknowledgeTheirs);
