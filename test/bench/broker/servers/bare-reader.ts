// The yardstick: the least that node:tls can do for QoS 1. Finds PUBLISH packets, answers their PUBACKs with one write a read,
// or, where the environment says so, in the plainest way: each with a write of its own.
import { createServer, type TLSSocket } from 'node:tls';
import { listening, mutualTls, serve } from './serve.js';
import { WRITES_EACH } from './writes-each.js';

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const NOTHING: Buffer = Buffer.alloc(0);
const writesEach = process.env[WRITES_EACH] === 'true';

serve((files) => listening(createServer(mutualTls(files), read)));

function read(socket: TLSSocket): void {
  let rest: Buffer = NOTHING;
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const { length } = bytes;
    let acks: Buffer = NOTHING;
    let acked = 0;
    let at = 0;
    while (at + 2 <= length) {
      let next = at + 1;
      let remaining = 0;
      let shift = 0;
      let byte = 0x80;
      while (byte >= 0x80 && next < length) {
        byte = bytes[next++] as number;
        remaining |= (byte & 0x7f) << shift;
        shift += 7;
      }
      if (byte >= 0x80 || next + remaining > length) break;
      const first = bytes[at] as number;
      if (first >> 4 === 3) {
        const id = next + 2 + (((bytes[next] as number) << 8) | (bytes[next + 1] as number));
        // The smallest PUBLISH there is has 7 bytes: no read has more of them than this.
        if (acks.length === 0) acks = Buffer.allocUnsafe(4 * (1 + Math.floor((length - at) / 7)));
        acks[acked] = 0x40;
        acks[acked + 1] = 2;
        acks[acked + 2] = bytes[id] as number;
        acks[acked + 3] = bytes[id + 1] as number;
        acked += 4;
        if (writesEach) socket.write(acks.subarray(acked - 4, acked));
      } else if (first >> 4 === 1) {
        socket.write(CONNACK);
      } else if (first >> 4 === 14) {
        socket.end();
      }
      at = next + remaining;
    }
    rest = at === length ? NOTHING : bytes.subarray(at);
    if (acked > 0 && !writesEach) socket.write(acks.subarray(0, acked));
  });
  socket.on('error', () => undefined);
}
