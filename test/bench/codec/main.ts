// Decoding and encoding beside mqtt-packet, in one run: only the ratio says something.
//   node node_modules/.cache/tests/test/bench/codec/main.js [rounds]
import { Decoder, Encoder, encode, type ProtocolVersion } from '@milepost/mqtt';
import { generate, parser } from 'mqtt-packet';
import { CASES, type Case } from './cases.js';

const PACKETS_A_CHUNK = 100;
const CHUNKS_A_ROUND = 100;
const rounds = Number(process.argv[2] ?? 9);

/** Does its work and answers how many packets that were. */
type Side = () => number;

function decodeOurs(chunk: Buffer, version: ProtocolVersion): number {
  const decoder = new Decoder({ maxPacketBytes: 1 << 20, protocolVersion: version });
  let packets = 0;
  for (let index = 0; index < CHUNKS_A_ROUND; index++) {
    decoder.push(chunk);
    while (decoder.next() !== undefined) packets++;
  }
  return packets;
}

function decodeTheirs(chunk: Buffer, version: ProtocolVersion): number {
  const decoder = parser({ protocolVersion: version });
  let packets = 0;
  decoder.on('packet', () => packets++);
  for (let index = 0; index < CHUNKS_A_ROUND; index++) decoder.parse(chunk);
  return packets;
}

/** As the broker writes: a tick's packets are taken together. */
function encodeOurs({ ours, version }: Case): number {
  const encoder = new Encoder(version);
  let packets = 0;
  for (let index = 0; index < CHUNKS_A_ROUND; index++) {
    for (let count = 0; count < PACKETS_A_CHUNK; count++) if (encoder.write(ours)) packets++;
    encoder.take();
  }
  return packets;
}

function encodeTheirs({ theirs, version }: Case): number {
  let packets = 0;
  for (let index = 0; index < CHUNKS_A_ROUND * PACKETS_A_CHUNK; index++) {
    if (generate(theirs, { protocolVersion: version }).length > 0) packets++;
  }
  return packets;
}

/** Nanoseconds a packet of each side, the median of all rounds; they take turns, so that a busy machine is busy for both. */
function measure(...sides: readonly Side[]): number[] {
  const times: number[][] = sides.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [side, work] of sides.entries()) {
      const start = performance.now();
      const packets = work();
      // The first round warms up.
      if (round > 0) times[side]?.push(((performance.now() - start) * 1e6) / packets);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0);
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(0) : cell)).join(' | ')} |\n`;
}

process.stdout.write(line(['ns a packet', 'level', 'decode', 'mqtt-packet', 'ratio', 'encode', 'mqtt-packet', 'ratio']));
process.stdout.write('|---|---|---|---|---|---|---|---|\n');
for (const each of CASES) {
  const { name, version, ours } = each;
  const chunk = Buffer.concat(Array.from({ length: PACKETS_A_CHUNK }, () => encode(ours, version)));
  const [decode = 0, decodeOther = 0] = measure(
    () => decodeOurs(chunk, version),
    () => decodeTheirs(chunk, version),
  );
  const [write = 0, writeOther = 0] = measure(
    () => encodeOurs(each),
    () => encodeTheirs(each),
  );
  const ratio = (our: number, other: number): string => (other / our).toFixed(1);
  process.stdout.write(
    line([name, String(version), decode, decodeOther, ratio(decode, decodeOther), write, writeOther, ratio(write, writeOther)]),
  );
}
