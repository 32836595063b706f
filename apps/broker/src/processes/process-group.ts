import { backoffMs, type Logger } from '@milepost/runtime';

/** The part of a process of its own that is needed to keep it running. */
export interface ChildProcess {
  readonly pid: number | undefined;
  /** Ask it to drain and end. */
  stop(): void;
  kill(): void;
  on(event: 'ready', listener: () => void): void;
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): void;
}

export interface ProcessGroupOptions {
  /** Processes at a time. */
  count: number;
  /** Starts the process with this index, from 0. */
  start(index: number): ChildProcess;
  /** Nothing more can be done: the processes do not come up. */
  fail(error: Error): void;
  /** One ended without having been asked to. */
  onLost(): void;
  logger: Logger;
  now?: () => number;
}

interface Place {
  child: ChildProcess | undefined;
  ready: boolean;
  /** Ends in a row without having been ready for long. */
  failures: number;
  readyAtMs: number;
  timer: NodeJS.Timeout | undefined;
}

const RETRY = { baseMs: 100, maxMs: 5_000 };
/** One that was ready for so long has shown that it can run. */
const STEADY_MS = 30_000;
/** Ends in a row of one process, each before it was ready or soon after, that are no chance any more. */
const MAX_FAILURES = 10;

/** Keeps a number of processes running: one that ends is started anew, with its index, and the others go on meanwhile. */
export class ProcessGroup {
  private readonly places: Place[];
  private readonly now: () => number;
  private closing: (() => void) | undefined;

  constructor(private readonly options: ProcessGroupOptions) {
    this.now = options.now ?? (() => performance.now());
    this.places = Array.from({ length: options.count }, () => ({
      child: undefined,
      ready: false,
      failures: 0,
      readyAtMs: 0,
      timer: undefined,
    }));
  }

  /** Processes that say they are ready. */
  get readyCount(): number {
    return this.places.filter(({ ready }) => ready).length;
  }

  start(): void {
    for (const index of this.places.keys()) this.begin(index);
  }

  /** Why the group is not whole. */
  notReady(): string[] {
    return this.places.flatMap(({ ready }, index) => (ready ? [] : [`process ${index} is not ready`]));
  }

  /** Asks all to end, and kills what has not after the time. */
  async close(timeoutMs: number): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.closing = resolve;
    });
    for (const { timer } of this.places) clearTimeout(timer);
    for (const child of this.children()) child.stop();
    const timer = setTimeout(() => {
      for (const child of this.children()) child.kill();
    }, timeoutMs);
    this.lookForEnd();
    await ended;
    clearTimeout(timer);
  }

  private children(): ChildProcess[] {
    return this.places.flatMap(({ child }) => (child === undefined ? [] : [child]));
  }

  private begin(index: number): void {
    const place = this.places[index];
    if (place === undefined || this.closing !== undefined) return;
    const child = this.options.start(index);
    place.child = child;
    child.on('ready', () => {
      place.ready = true;
      place.readyAtMs = this.now();
    });
    child.on('exit', (code, signal) => this.ended(index, place, code, signal));
  }

  private ended(index: number, place: Place, code: number | null, signal: string | null): void {
    const { logger, onLost, fail } = this.options;
    const wasSteady = place.ready && this.now() - place.readyAtMs >= STEADY_MS;
    place.child = undefined;
    place.ready = false;
    if (this.closing !== undefined) {
      this.lookForEnd();
      return;
    }
    onLost();
    place.failures = wasSteady ? 0 : place.failures + 1;
    logger.error({ event: 'broker.process.ended', index, code, signal }, 'A process of the broker ended; it is started anew');
    if (place.failures >= MAX_FAILURES) fail(new Error(`process ${index} of the broker does not stay up; what it logged last says why`));
    else place.timer = setTimeout(() => this.begin(index), place.failures === 0 ? 0 : backoffMs(place.failures - 1, RETRY));
  }

  private lookForEnd(): void {
    if (this.children().length === 0) this.closing?.();
  }
}
