import type { Random } from './random.js';

/** Bytes at which something changes: lengths, flags, the borders of UTF-8, wildcards. */
const INTERESTING = [0x00, 0x01, 0x02, 0x03, 0x0b, 0x23, 0x26, 0x2b, 0x2f, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xfe, 0xff];

type Packets = Buffer[];

/** Changes of one packet's bytes. What changes its size writes the remaining length anew half of the time. */
const OF_A_PACKET: readonly ((packet: Buffer, random: Random, others: readonly Buffer[]) => Buffer)[] = [
  flipBit,
  overwrite,
  (packet, random) => withFirstByte(packet, random.below(256)),
  (packet, random) => refit(packet, bodyOf(packet).subarray(0, random.below(packet.length)), random),
  (packet, random) => refit(packet, duplicated(bodyOf(packet), random), random),
  (packet, random) => refit(packet, withoutSpan(bodyOf(packet), random), random),
  (packet, random) => refit(packet, Buffer.concat([bodyOf(packet), chance(random, 1 + random.below(8))]), random),
  (packet, random, others) => refit(packet, spliced(bodyOf(packet), bodyOf(random.pick(others)), random), random),
  (packet, random) => Buffer.concat([packet.subarray(0, 1), randomLength(random), bodyOf(packet)]),
];

/** Changes of the order of packets. */
const OF_THE_STREAM: readonly ((packets: Packets, random: Random, others: readonly Buffer[]) => void)[] = [
  (packets, random) => packets.splice(random.below(packets.length), 1),
  (packets, random) => packets.push(random.pick(packets)),
  (packets, random, others) => packets.splice(random.below(packets.length + 1), 0, random.pick(others)),
  (packets, random) => packets.splice(0, random.below(packets.length)),
];

/** A stream like the recorded one, with up to six changes; `others` are packets to splice from, of both versions. */
export function mutate(recorded: readonly Buffer[], others: readonly Buffer[], random: Random): Buffer {
  const packets = [...recorded];
  for (let count = 1 + random.below(3); count > 0; count--) {
    if (random.oneIn(4)) random.pick(OF_THE_STREAM)(packets, random, others);
    if (packets.length === 0) packets.push(random.pick(others));
    const at = random.below(packets.length);
    const packet = packets[at];
    if (packet !== undefined && packet.length > 1) packets[at] = random.pick(OF_A_PACKET)(packet, random, others);
  }
  const stream = Buffer.concat(packets);
  return random.oneIn(8) ? stream.subarray(0, random.below(stream.length + 1)) : stream;
}

/** The stream in up to `most` pieces. */
export function cut(stream: Buffer, most: number, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  let rest = stream;
  for (let count = random.below(most); count > 0 && rest.length > 1; count--) {
    const length = random.oneIn(2) ? 1 : random.below(rest.length);
    chunks.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return [...chunks, rest];
}

function bodyOf(packet: Buffer): Buffer {
  let at = 1;
  while (at < packet.length && at < 5 && (packet[at] ?? 0) >= 0x80) at++;
  return packet.subarray(Math.min(at + 1, packet.length));
}

/** The packet with another body, under a length that is right, or under the one that it had. */
function refit(packet: Buffer, body: Buffer, random: Random): Buffer {
  const header = packet.length - bodyOf(packet).length;
  const start = random.oneIn(2) ? packet.subarray(0, header) : Buffer.concat([packet.subarray(0, 1), lengthOf(body.length)]);
  return Buffer.concat([start, body]);
}

function lengthOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}

function randomLength(random: Random): Buffer {
  if (random.oneIn(3)) return Buffer.concat([Buffer.alloc(random.below(5), random.oneIn(2) ? 0x80 : 0xff), Buffer.of(random.below(128))]);
  return lengthOf(random.below(random.oneIn(2) ? 300 : 268_435_455));
}

function flipBit(packet: Buffer, random: Random): Buffer {
  return withByte(packet, random.below(packet.length), (byte) => byte ^ (1 << random.below(8)));
}

function overwrite(packet: Buffer, random: Random): Buffer {
  return withByte(packet, random.below(packet.length), () => random.pick(INTERESTING));
}

function withFirstByte(packet: Buffer, value: number): Buffer {
  return withByte(packet, 0, () => value);
}

function withByte(packet: Buffer, at: number, change: (byte: number) => number): Buffer {
  const changed = Buffer.from(packet);
  changed[at] = change(packet[at] ?? 0);
  return changed;
}

function duplicated(body: Buffer, random: Random): Buffer {
  const [start, end] = span(body, random);
  return Buffer.concat([body.subarray(0, end), body.subarray(start, end), body.subarray(end)]);
}

function withoutSpan(body: Buffer, random: Random): Buffer {
  const [start, end] = span(body, random);
  return Buffer.concat([body.subarray(0, start), body.subarray(end)]);
}

function spliced(body: Buffer, other: Buffer, random: Random): Buffer {
  const [start, end] = span(other, random);
  const at = random.below(body.length + 1);
  return Buffer.concat([body.subarray(0, at), other.subarray(start, end), body.subarray(random.oneIn(2) ? at : body.length)]);
}

function span(bytes: Buffer, random: Random): [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  return [start, start + random.below(bytes.length - start + 1)];
}

function chance(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}
