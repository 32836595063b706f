import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import type { ClientSocket } from '../connections/client-socket.js';

/** What is below the frames: its buffer is where unsent bytes wait. */
export interface FrameCarrier {
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  cork(): void;
  uncork(): void;
  on(event: 'drain', listener: () => void): unknown;
}

const NORMAL_CLOSURE = 1000;
const UNSUPPORTED_DATA = 1003;

/**
 * The stream of bytes that a WebSocket's binary frames make up: packets and frames need not begin or end together (MQTT-6.0.0-2), so it
 * passes on what a frame holds and knows no packets. A text frame ends it (MQTT-6.0.0-1).
 */
export class WebSocketStream extends EventEmitter implements ClientSocket {
  /** Of frames there are no halves: the stream below is closed once both sides have said so. */
  allowHalfOpen = true;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly carrier: FrameCarrier,
  ) {
    super();
    webSocket.on('message', (data, isBinary) => this.received(data as Buffer, isBinary));
    webSocket.on('ping', (data) => this.pinged(data));
    webSocket.on('error', (error) => this.emit('error', error));
    webSocket.on('close', () => this.emit('close'));
    carrier.on('drain', () => this.emit('drain'));
  }

  get writableLength(): number {
    return this.carrier.writableLength;
  }

  /** One binary frame. What is written after the end goes nowhere, as on a TCP socket that was lost. */
  write(chunk: Buffer): boolean {
    if (this.webSocket.readyState !== this.webSocket.OPEN) return true;
    this.webSocket.send(chunk);
    return !this.carrier.writableNeedDrain;
  }

  cork(): void {
    this.carrier.cork();
  }

  uncork(): void {
    this.carrier.uncork();
  }

  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.webSocket.resume();
  }

  /** The close frame follows what was written; the connection is over when the client's own has come. */
  end(): void {
    this.webSocket.close(NORMAL_CLOSURE);
  }

  destroy(): void {
    this.webSocket.terminate();
  }

  private received(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.emit('data', data);
      return;
    }
    this.webSocket.close(UNSUPPORTED_DATA);
    this.emit('error', new Error('the client sent a text frame; MQTT is in binary frames only'));
  }

  /** Not while the client leaves unread what it was sent: pongs would pile up here. The next ping asks again. */
  private pinged(data: Buffer): void {
    if (!this.carrier.writableNeedDrain) this.webSocket.pong(data);
  }
}
