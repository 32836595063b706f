import type { Socket } from 'node:net';
import { TokenBucket } from '../limits/token-bucket.js';
import { HandshakeGate } from './handshake-gate.js';
import { HandshakePlace } from './handshake-place.js';

export interface EntranceOptions {
  /** Open sockets, handshakes included. */
  maxConnections: number;
  /** Handshakes that run at a time. */
  maxHandshakes: number;
  /** Connections that wait for their handshake. */
  maxWaiting: number;
  /** Handshakes that begin in a second, and in a burst; 0: as many as come. */
  handshakesPerSecond: number;
  /** A limit was reached: there was no room, or a handshake gave up its place. */
  onLimit(limit: 'connections' | 'handshakes_waiting' | 'handshake_silence'): void;
}

interface Arrival {
  readonly socket: Socket;
  begin(over: () => void): void;
}

/** What the process's listeners share: places for sockets and for handshakes. Its limits hold over all of them. */
export class Entrance {
  private readonly open = new Set<Socket>();
  private readonly inHandshake = new Set<Socket>();
  private readonly gate: HandshakeGate<Arrival>;

  constructor(private readonly options: EntranceOptions) {
    const { maxHandshakes, maxWaiting, handshakesPerSecond: rate } = options;
    const bucket = rate === 0 ? undefined : new TokenBucket(rate, rate, performance.now());
    const pace = {
      next: () => {
        const nowMs = performance.now();
        return bucket === undefined || bucket.take(nowMs) ? 0 : bucket.waitMs(nowMs);
      },
    };
    this.gate = new HandshakeGate({ maxRunning: maxHandshakes, maxWaiting }, (arrival) => this.begin(arrival), pace);
  }

  get openCount(): number {
    return this.open.size;
  }

  get handshakesRunning(): number {
    return this.gate.runningCount;
  }

  get handshakesWaiting(): number {
    return this.gate.waitingCount;
  }

  /** Counts a socket from now to its close. @returns false when there is no room for it. */
  enter(socket: Socket): boolean {
    if (this.open.size >= this.options.maxConnections) {
      this.options.onLimit('connections');
      return false;
    }
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return true;
  }

  /** As `enter`; calls `begin` when it is the socket's turn, with what is to be called when the handshake is over. */
  enterForHandshake(socket: Socket, begin: (over: () => void) => void): boolean {
    if (!this.enter(socket)) return false;
    if (this.gate.enter({ socket, begin })) return true;
    this.open.delete(socket);
    this.options.onLimit('handshakes_waiting');
    return false;
  }

  /** Drops whoever has not finished the handshake. */
  dropUnfinished(): void {
    for (const { socket } of this.gate.clear()) socket.destroy();
    for (const socket of this.inHandshake) socket.destroy();
  }

  /** Cuts what is still open. */
  destroy(): void {
    for (const socket of this.open) socket.destroy();
  }

  private begin({ socket, begin }: Arrival): void {
    if (socket.destroyed) {
      queueMicrotask(() => this.gate.leave());
      return;
    }
    this.inHandshake.add(socket);
    const place = new HandshakePlace(socket, (yielded) => {
      if (yielded) this.options.onLimit('handshake_silence');
      this.gate.leave();
    });
    const over = () => {
      this.inHandshake.delete(socket);
      place.leave();
    };
    socket.once('close', over);
    begin(over);
  }
}
