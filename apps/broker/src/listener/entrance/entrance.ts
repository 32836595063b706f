import type { Socket } from 'node:net';
import { TokenBucket } from '../../limits/token-bucket.js';
import { HandshakeGate } from './handshake-gate.js';
import { HandshakePlace } from './handshake-place.js';
import { networkOf } from './network-of.js';
import { peerAddress } from './peer-address.js';

export interface EntranceOptions {
  /** Open sockets, handshakes included. */
  maxConnections: number;
  /** Handshakes that run at a time. */
  maxHandshakes: number;
  /** Connections that wait for their handshake. */
  maxWaiting: number;
  /** Handshakes that begin in a second, and in a burst; 0: as many as come. */
  handshakesPerSecond: number;
  /** Sockets of connections that are over, and that are only not closed yet: they hold nobody's place. */
  leaving(): number;
  /** A limit was reached: there was no room, or a handshake gave up its place. */
  onLimit(limit: 'connections' | 'handshakes_waiting' | 'handshake_silence'): void;
}

/** What becomes of a socket that asks for a handshake. */
export interface HandshakeTurn {
  /** It is its turn. `over` is to be called when the handshake is. */
  begin(over: () => void): void;
  /** There is no room for it, now or any more: it is to be closed. */
  turnedAway(): void;
}

interface Arrival extends HandshakeTurn {
  readonly socket: Socket;
  /** Its network. */
  readonly from: string;
}

/** Of the handshakes that run, so many may be of one network: the others find a place at once. */
const MAX_PART_OF_ONE = 3 / 4;

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
    this.gate = new HandshakeGate(
      { maxRunning: maxHandshakes, maxRunningFrom: Math.ceil(maxHandshakes * MAX_PART_OF_ONE), maxWaiting },
      (arrival) => this.begin(arrival),
      pace,
    );
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
    if (this.open.size - this.options.leaving() >= this.options.maxConnections) {
      this.options.onLimit('connections');
      return false;
    }
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return true;
  }

  /** As `enter`, for a socket that has a handshake before it: places for these are shared out by network. */
  enterForHandshake(socket: Socket, turn: HandshakeTurn): void {
    if (!this.enter(socket)) {
      turn.turnedAway();
      return;
    }
    const arrival = { socket, from: networkOf(peerAddress(socket.remoteAddress)), begin: turn.begin, turnedAway: turn.turnedAway };
    const { entered, dropped } = this.gate.enter(arrival);
    const refused = entered ? dropped : arrival;
    if (refused === undefined) return;
    this.open.delete(refused.socket);
    this.options.onLimit('handshakes_waiting');
    refused.turnedAway();
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

  private begin(arrival: Arrival): void {
    const { socket } = arrival;
    if (socket.destroyed) {
      queueMicrotask(() => this.gate.leave(arrival));
      return;
    }
    this.inHandshake.add(socket);
    const place = new HandshakePlace(socket, (yielded) => {
      if (yielded) this.options.onLimit('handshake_silence');
      this.gate.leave(arrival);
    });
    // A connection lives for days, and is not to keep what belongs to its handshake.
    const over = () => {
      socket.off('close', over);
      this.inHandshake.delete(socket);
      place.leave();
    };
    socket.once('close', over);
    arrival.begin(over);
  }
}
