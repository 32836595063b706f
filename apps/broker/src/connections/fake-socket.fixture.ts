import { EventEmitter } from 'node:events';
import { Decoder, encode, type Packet } from '@milepost/mqtt';
import type { ClientSocket } from './client-socket.js';

/** A socket that is plugged in by hand: what the broker wrote stands in `sent`. */
export class FakeSocket extends EventEmitter implements ClientSocket {
  readonly sent: Buffer[] = [];
  writableLength = 0;
  writable = true;
  paused = false;
  ended = false;
  allowHalfOpen = false;
  write(chunk: Buffer): boolean {
    this.sent.push(chunk);
    return this.writable;
  }
  cork(): void {}
  uncork(): void {}
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  end(): void {
    this.ended = true;
  }
  destroy(): void {
    this.emit('close');
  }
}

/** The client's end of a fake socket. */
export class FakeClient {
  readonly socket = new FakeSocket();
  private read = 0;

  constructor(readonly version: 4 | 5 = 5) {}

  async send(...packets: Packet[]): Promise<void> {
    this.socket.emit('data', Buffer.concat(packets.map((packet) => encode(packet, this.version))));
    await settled();
  }

  /** Everything that was written since the last call; faults as their detail. */
  heard(): (Packet | string)[] {
    const decoder = new Decoder({ maxPacketBytes: 1_000_000, protocolVersion: this.version });
    decoder.push(Buffer.concat(this.socket.sent.slice(this.read)));
    this.read = this.socket.sent.length;
    const packets: (Packet | string)[] = [];
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next())
      packets.push(packet.type === 'protocol-error' ? packet.detail : packet);
    return packets;
  }
}

/** What is under way in memory has arrived. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
