import { Decoder, encode, type Packet, type ProtocolError, type ProtocolVersion } from '@milepost/mqtt';
import { cut, mutate } from './mutate.js';
import { Random } from './random.js';
import { recordings } from './recordings.js';

/** What a run over the decoder has seen so far. */
export interface DecoderFindings {
  inputs: number;
  bytes: number;
  packets: number;
  /** By reason code, as in `0x81`. */
  readonly errors: Record<string, number>;
  /** Exceptions and broken promises of the decoder, with the stream that showed them. */
  readonly failures: { readonly what: string; readonly stream: string }[];
}

const MAX_PACKET_BYTES = 256 * 1024;
/** One input in so many is looked at twice: whole beside split, and each packet written and read again. */
const CHECKED = 50;
const MAX_FAILURES = 20;
/** Of a recording in one input. */
const MOST_PACKETS = 4;

/** Mutated streams against the decoder; each call of `run` goes on where the last one stopped. */
export class DecoderFuzz {
  readonly findings: DecoderFindings = { inputs: 0, bytes: 0, packets: 0, errors: {}, failures: [] };
  private readonly random: Random;
  private readonly recordings = recordings();
  private readonly others = this.recordings.flatMap(({ packets }) => packets);

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  run(inputs: number): void {
    for (let count = 0; count < inputs; count++) this.input();
  }

  private input(): void {
    const { random, findings } = this;
    const { version, from, packets } = random.pick(this.recordings);
    // A stream that begins with CONNECT tells its version, unless it is taken for the rest of a connection.
    const known = from === 'server' || random.oneIn(3) ? version : undefined;
    const first = known === undefined ? 0 : random.below(packets.length);
    const stream = mutate(packets.slice(first, first + 1 + random.below(MOST_PACKETS)), this.others, random);
    findings.inputs++;
    findings.bytes += stream.length;
    try {
      const results = decodeAll(cut(stream, 6, random), known);
      this.count(results);
      const wrong = brokenPromise(results) ?? (random.oneIn(CHECKED) ? difference(stream, results, known) : undefined);
      if (wrong !== undefined) this.fail(wrong, stream);
    } catch (error) {
      this.fail(error instanceof Error ? (error.stack ?? error.message) : String(error), stream);
    }
  }

  private count(results: readonly (Packet | ProtocolError)[]): void {
    const { errors } = this.findings;
    for (const result of results) {
      if (result.type === 'protocol-error') {
        const code = `0x${result.reasonCode.toString(16)}`;
        errors[code] = (errors[code] ?? 0) + 1;
      } else {
        this.findings.packets++;
      }
    }
  }

  private fail(what: string, stream: Buffer): void {
    const { failures } = this.findings;
    if (failures.length < MAX_FAILURES) failures.push({ what, stream: stream.toString('hex') });
  }
}

function decodeAll(chunks: readonly Buffer[], version: ProtocolVersion | undefined): (Packet | ProtocolError)[] {
  const decoder = new Decoder({ maxPacketBytes: MAX_PACKET_BYTES, ...(version === undefined ? {} : { protocolVersion: version }) });
  const results: (Packet | ProtocolError)[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let result = decoder.next(); result !== undefined; result = decoder.next()) results.push(result);
  }
  return results;
}

function brokenPromise(results: readonly (Packet | ProtocolError)[]): string | undefined {
  const first = results.findIndex(({ type }) => type === 'protocol-error');
  return first >= 0 && first < results.length - 1 ? 'something came after an error' : undefined;
}

/** What is not the same when the stream is one chunk, or when a packet is written and read again. */
function difference(stream: Buffer, results: readonly (Packet | ProtocolError)[], known: ProtocolVersion | undefined): string | undefined {
  if (JSON.stringify(decodeAll([stream], known)) !== JSON.stringify(results)) return 'split and whole differ';
  let version = known;
  for (const packet of results) {
    if (packet.type === 'protocol-error') break;
    if (packet.type === 'connect') version ??= packet.protocolVersion;
    if (version === undefined) return 'a packet before the version is known';
    const own = packet.type === 'connect' ? packet.protocolVersion : version;
    const again = decodeAll([encode(packet, own)], packet.type === 'connect' ? undefined : own);
    if (JSON.stringify(again) !== JSON.stringify([packet])) return `${packet.type} is not read as it was written`;
  }
  return undefined;
}
