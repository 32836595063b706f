// The broker's own part of a publish: its core on sockets made of nothing. Says on its last line what a message took, as JSON.
import { EventEmitter } from 'node:events';
import type { ClientSocket } from '@milepost/broker/connections/client-socket.js';
import { VehicleGate } from '@milepost/broker/doors/vehicles/vehicle-gate.js';
import type { VehicleId } from '@milepost/contracts';
import type { Trust } from '@milepost/pki';
import { connectPacket } from './lean-client.js';
import { createBenchCore } from './servers/bench-core.js';
import { aliasedRecord, aliasPacket, publishRecord } from './traffic.js';

const CLIENTS = 200;
const PUBACK_BYTES = 4;
const MESSAGES_A_TURN = 24_000;
/** Between two looks at the clock of CPU time, each of which takes as long as a hundred messages. */
const MESSAGES_A_LOOK = 4_000;

/** Takes what is written, and says nothing. */
class NullSocket extends EventEmitter implements ClientSocket {
  written = 0;
  allowHalfOpen = false;
  readonly writableLength = 0;
  write(chunk: Buffer): boolean {
    this.written += chunk.length;
    return true;
  }
  cork(): void {}
  uncork(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

const nobodyElse: Trust = {
  authorities: () => [],
  certificatesPem: () => [],
  problems: () => [],
  onChange: () => () => undefined,
  reload: () => Promise.resolve(),
  close: () => undefined,
};

const [perRead, seconds] = process.argv.slice(2, 4).map(Number) as [number, number];
/** MQTT 5 with nothing but a topic alias, instead of 3.1.1 with the topic written out. */
const aliased = process.argv[4] === 'aliased';
const { receive, door } = await createBenchCore(nobodyElse);
const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => connected(`bench-${index}`)));

const turns: number[] = [];
for (const until = performance.now() + seconds * 1000; performance.now() < until; ) turns.push(await turn());
turns.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ fastest: turns[0], lowerQuartile: turns[Math.floor(turns.length / 4)] })}\n`);
process.exit();

async function connected(id: string): Promise<{ socket: NullSocket; record: Buffer }> {
  const socket = new NullSocket();
  const identity = {
    vehicleId: id as VehicleId,
    organisation: 'default',
    authority: 'ca',
    authorityKeyId: 'key',
    issuer: 'CN=CA',
    serial: 'AB',
    notAfter: new Date('2100-01-01'),
  };
  receive(socket, new VehicleGate(identity, '192.0.2.1', door));
  socket.emit('data', connectPacket(id, aliased ? 5 : 4));
  while (socket.written === 0) await nextTurn();
  if (!aliased) return { socket, record: publishRecord(id, perRead) };
  socket.emit('data', aliasPacket(id));
  return { socket, record: aliasedRecord(perRead) };
}

/** @returns nanoseconds of CPU a message. */
async function turn(): Promise<number> {
  let cpuMicroseconds = 0;
  let messages = 0;
  while (messages < MESSAGES_A_TURN) {
    // Each read is memory of its own, as a socket's are; what fills it is no part of the broker.
    const rounds = Array.from({ length: MESSAGES_A_LOOK / (CLIENTS * perRead) }, () => clients.map(({ record }) => copyOf(record)));
    const before = process.cpuUsage();
    for (const reads of rounds) await round(reads);
    const { user, system } = process.cpuUsage(before);
    cpuMicroseconds += user + system;
    messages += MESSAGES_A_LOOK;
  }
  return (cpuMicroseconds * 1000) / messages;
}

/** Every client is read once and has its acknowledgements. */
async function round(reads: readonly Buffer[]): Promise<void> {
  for (const [index, { socket }] of clients.entries()) {
    socket.written = 0;
    socket.emit('data', reads[index]);
  }
  while (clients.some(({ socket }) => socket.written < perRead * PUBACK_BYTES)) await nextTurn();
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
