import {
  type Acceptance,
  type AckProperties,
  type AuthenticationStep,
  type Connect,
  type ConnectionEffects,
  type ConnectionEnd,
  type ConnectionOptions,
  type OutboundMessage,
  type Packet,
  type Publish,
  type PublishToken,
  type ReasonCode,
  type ServerCloseCause,
  ServerConnection,
  type SubscribeToken,
  type Subscription,
  type UndeliveredReason,
  type UnsubscribeToken,
} from '@milepost/mqtt';
import type { BrokerMetrics } from '../metrics.js';
import type { ClientSocket } from './client-socket.js';
import type { ConnectionHandler } from './connection-handler.js';
import type { Departures } from './departures.js';
import type { OutputFlusher } from './output-flusher.js';
import type { Excess } from './read-rate.js';
import { type Paced, ReadingPace } from './reading-pace.js';
import { ReadingStops } from './reading-stops.js';
import type { ReadRateLimits, SharedReadRate } from './shared-read-rate.js';

export interface ConnectionSurroundings {
  readonly options: ConnectionOptions;
  readonly flusher: OutputFlusher;
  readonly departures: Departures;
  readonly metrics: Pick<BrokerMetrics, 'packet' | 'transferred' | 'undelivered' | 'readingStops' | 'limits'>;
  /** How fast a client is read; left out: as fast as it sends. */
  readonly rates?: ReadRateLimits | undefined;
  readonly rateInAll?: SharedReadRate | undefined;
}

/** Unsent bytes beyond which a client that does not read is not read either: its acks would pile up here. */
const MAX_UNSENT_BYTES = 256 * 1024;
/** How long a client may take to read what fills its socket. */
const WRITE_STALL_MS = 60_000;
/** After the end, how long the client has to read what was sent and to close its side. */
const LINGER_MS = 3_000;

const MAX_TIMER_MS = 2 ** 31 - 1;

/** What the connection is to its client, and what is left to do for its socket: the last words, our half of the close, nothing. */
type Stage = 'open' | 'over' | 'leaving' | 'closed';

/** One client's connection: its socket on one side, the session engine on the other. It decides nothing. */
export class ClientConnection implements ConnectionEffects, Paced {
  private readonly engine: ServerConnection;
  private readonly stops: ReadingStops;
  private readonly pace: ReadingPace | undefined;
  private stage: Stage = 'open';
  private readAt = 0;
  private timerHandle: NodeJS.Timeout | undefined;
  private stallHandle: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: ClientSocket,
    private readonly handler: ConnectionHandler,
    private readonly around: ConnectionSurroundings,
  ) {
    const now = performance.now();
    this.engine = new ServerConnection(around.options, this, now);
    this.pace = ReadingPace.of(around.rates, around.rateInAll, now, this);
    this.stops = new ReadingStops(socket);
    socket.on('data', (chunk) => this.received(chunk));
    socket.on('drain', () => this.drained());
    socket.on('error', (error) => this.lost(error.message));
    socket.on('end', () => this.lost('the client closed the connection without DISCONNECT'));
    socket.on('close', () => this.closed());
  }

  get over(): boolean {
    return this.stage !== 'open';
  }

  /** When it was read last: that is when what it has just sent came. */
  get readAtMs(): number {
    return this.readAt;
  }

  // What the broker says to the client.

  accept(acceptance: Acceptance): void {
    this.engine.accept(acceptance, performance.now());
  }

  refuse(reasonCode: ReasonCode, detail: string): void {
    this.engine.refuse(reasonCode, detail, performance.now());
  }

  close(cause: ServerCloseCause, reasonCode: ReasonCode, detail: string): void {
    this.engine.close(cause, reasonCode, detail);
  }

  settlePublish(token: PublishToken, reasonCode: ReasonCode, properties?: AckProperties): void {
    this.engine.settlePublish(token, reasonCode, this.around.flusher.now(), properties);
  }

  /** `count` of these from the `first` on are stored, and their acks say no more. */
  settleStored(tokens: readonly PublishToken[], first: number, count: number): void {
    this.engine.settleStored(tokens, first, count, this.around.flusher.now());
  }

  /** Neither stored nor refused: the client must send it again. */
  failPublish(token: PublishToken, detail: string): void {
    this.engine.failPublish(token, detail);
  }

  /** `details`: why those are refused that are. */
  settleSubscribe(token: SubscribeToken, reasonCodes: readonly ReasonCode[], details: readonly (string | undefined)[]): void {
    this.engine.settleSubscribe(token, reasonCodes, performance.now(), details);
  }

  settleUnsubscribe(token: UnsubscribeToken, reasonCodes: readonly ReasonCode[]): void {
    this.engine.settleUnsubscribe(token, reasonCodes, performance.now());
  }

  /** For want of room in the process, or because it stops. The client's time stands still meanwhile. */
  stopReading(): void {
    if (!this.over && this.stops.add('process')) this.engine.readingStopped(performance.now());
  }

  startReading(): void {
    if (!this.over && this.stops.remove('process')) this.engine.readingResumed(performance.now());
  }

  /** Writes what the engine has to say; after the end our half of the close follows. */
  flush(): void {
    const output = this.engine.takeOutput();
    const [first] = output;
    if (first !== undefined) this.write(first, output);
    if (this.stage !== 'over') return;
    this.stage = 'leaving';
    this.around.departures.add(this);
  }

  /** A half-close, then what the client still sends is read and thrown away: a reset would take our last words from it. */
  leave(): void {
    this.socket.end();
    this.timerHandle = setTimeout(() => this.socket.destroy(), LINGER_MS);
  }

  // What its pace asks for.

  tooFast(limit: Excess['limit'], nowMs: number): void {
    this.around.metrics.limits.inc({ limit });
    if (this.stops.add('rate')) this.engine.readingStopped(nowMs);
  }

  slowEnough(): void {
    if (!this.over && this.stops.remove('rate')) this.engine.readingResumed(performance.now());
  }

  // What the engine asks for.

  outputReady(): void {
    this.around.flusher.add(this);
  }

  pauseReading(): void {
    this.stops.add('engine');
    this.around.metrics.readingStops.inc();
    this.around.metrics.limits.inc({ limit: 'unacknowledged' });
  }

  resumeReading(): void {
    this.stops.remove('engine');
  }

  schedule(atMs: number): void {
    clearTimeout(this.timerHandle);
    if (atMs === Number.POSITIVE_INFINITY) return;
    // Rounded up: keep-alive is never judged early.
    this.timerHandle = setTimeout(this.due, Math.min(Math.ceil(atMs - performance.now()), MAX_TIMER_MS));
  }

  connect(connect: Connect): void {
    this.handler.connect(connect);
  }

  authenticate(step: AuthenticationStep): void {
    this.handler.authenticate(step);
  }

  authorisePublish(publish: Publish): ReasonCode {
    return this.handler.authorise(publish);
  }

  publish(publish: Publish, token: PublishToken | undefined): void {
    this.handler.publish(publish, token);
  }

  caughtUp(): void {
    this.handler.caughtUp();
  }

  subscribe(subscriptions: readonly Subscription[], identifier: number | undefined, token: SubscribeToken): void {
    this.handler.subscribe(subscriptions, identifier, token);
  }

  unsubscribe(filters: readonly string[], token: UnsubscribeToken): void {
    this.handler.unsubscribe(filters, token);
  }

  ended(end: ConnectionEnd): void {
    this.stage = 'over';
    clearTimeout(this.timerHandle);
    clearTimeout(this.stallHandle);
    this.pace?.end();
    this.handler.ended(end);
    this.around.flusher.add(this);
    this.stops.clear();
    // Where the client has closed its half, ours waits for its turn all the same.
    this.socket.allowHalfOpen = true;
  }

  publishRefused(publish: Publish, reasonCode: ReasonCode): string | undefined {
    return this.handler.publishRefused(publish, reasonCode);
  }

  unreleasedFull(): void {
    this.around.metrics.limits.inc({ limit: 'unreleased' });
  }

  undelivered(_message: OutboundMessage, reason: UndeliveredReason): void {
    this.around.metrics.undelivered.inc({ reason });
  }

  packets(direction: 'in' | 'out', type: Packet['type'], count: number): void {
    if (direction === 'in') this.pace?.count(count);
    this.around.metrics.packet(direction, type, count);
  }

  /** One more look at the sockets first: after a stall of this process what a client had sent in time is still unread, and counts. */
  private readonly due = (): void => {
    setImmediate(() => this.engine.timer(performance.now()));
  };

  private received(chunk: Buffer): void {
    this.around.metrics.transferred('in', chunk.length);
    if (this.over) return;
    const now = performance.now();
    this.readAt = now;
    this.engine.receive(chunk, now);
    this.pace?.read(chunk.length, now);
  }

  private write(first: Buffer, output: readonly Buffer[]): void {
    const { socket } = this;
    let writable = true;
    if (output.length === 1) writable = socket.write(first);
    else {
      socket.cork();
      for (const part of output) writable = socket.write(part);
      socket.uncork();
    }
    for (const part of output) this.around.metrics.transferred('out', part.length);
    if (!writable && !this.over) this.filled();
  }

  private filled(): void {
    const now = performance.now();
    this.stallHandle ??= setTimeout(() => this.lost('the client does not read what it is sent'), WRITE_STALL_MS);
    this.engine.setWritable(false, now);
    if (this.socket.writableLength <= MAX_UNSENT_BYTES) return;
    this.around.metrics.limits.inc({ limit: 'unsent_bytes' });
    if (this.stops.add('unsent')) this.engine.readingStopped(now);
  }

  private drained(): void {
    if (this.over) return;
    const now = performance.now();
    clearTimeout(this.stallHandle);
    this.stallHandle = undefined;
    this.engine.setWritable(true, now);
    if (this.stops.remove('unsent')) this.engine.readingResumed(now);
  }

  private lost(detail: string): void {
    if (!this.over) this.engine.socketClosed(detail);
  }

  private closed(): void {
    this.lost('the network connection was lost');
    if (this.over) this.stage = 'closed';
    this.around.departures.forget(this);
    clearTimeout(this.timerHandle);
    clearTimeout(this.stallHandle);
  }
}
