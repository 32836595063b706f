import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** A message of the wire protocol: its type, its length with itself, its content. */
const message = (type: string, ...parts: (Buffer | string)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(5, type);
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
};
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number): Buffer => Buffer.concat([int16(value >>> 16), int16(value & 0xffff)]);

const READY = message('Z', 'I');
const ADMITTED = Buffer.concat([message('R', int32(0)), READY]);

/** Who asks more has gone on with it as with a real one. */
const MOST_ANSWERS = 10;

/** One row of one text column (oid 25): the answer to every question. */
const row = (name: string, value: string): Buffer =>
  Buffer.concat([
    message('T', int16(1), `${name}\0`, int32(0), int16(0), int32(25), int16(-1 & 0xffff), int32(0), int16(0)),
    message('D', int16(1), int32(value.length), value),
    message('C', 'SHOW\0'),
    READY,
  ]);

/** Lets everybody in, and says of itself that it is of this version: no older Postgres can be had from the registry beside ours. */
export async function postgresOfVersion(version: string): Promise<{ url: string; asked: readonly string[]; close(): void }> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(ADMITTED);
      socket.on('data', (data) => {
        if (data.toString('latin1', 0, 1) !== 'Q') return;
        if (asked.length === MOST_ANSWERS) return void socket.destroy();
        asked.push(data.toString('utf8', 5, data.length - 1));
        socket.write(row('server_version', version));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `postgres://owner:secret@127.0.0.1:${port}/milepost`, asked, close: () => void server.close() };
}
