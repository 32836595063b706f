import { type Connected, ConnectedSchema, LeaseSchema, topics } from '@milepost/contracts';
import { type AskedKafka, headerText, type LogRecord, type LogTail, type LogTailOptions, logRange } from '@milepost/kafka';
import { backoffMs, type Logger, sleep } from '@milepost/runtime';
import { Compile } from 'typebox/compile';
import type { PresenceHistory } from './lease-keeper.js';
import type { OtherKeepers } from './other-keepers.js';

/** Records read back from each partition at the start: with a lease of every node each 2 s, minutes of history. */
const LOOK_BACK_RECORDS = 1_000n;
/** Connection ids of other nodes that are remembered, so that a repeated copy of a record replaces nobody. */
const MAX_REMEMBERED_IDS = 50_000;
const RETRY = { baseMs: 250, maxMs: 5_000 };

export interface PresenceWatchOptions {
  kafka: AskedKafka;
  openTail(options: LogTailOptions): LogTail;
  node: string;
  keepers: OtherKeepers;
  logger: Logger;
}

/** Is told of a connection of another node, the first time that it is read. */
export type RivalListener = (rival: Connected, offset: bigint) => void;

const isConnected = Compile(ConnectedSchema);
const isLease = Compile(LeaseSchema);

/** Reads `fleet.presence` back: what other nodes took over, and which epoch this node was last seen with. */
export class PresenceWatch implements PresenceHistory {
  private readonly options: PresenceWatchOptions;
  private readonly stopping = new AbortController();
  private readonly rivals = new Set<string>();
  private tail: LogTail | undefined;
  /** By partition: what was looked at, by whatever tail. */
  private readonly lookedAt = new Map<number, bigint>();
  private newestOwnEpoch = 0;
  private isOpening = false;
  private onRival: RivalListener = () => undefined;

  constructor(options: PresenceWatchOptions) {
    this.options = options;
  }

  /** Aborted by `stop`. */
  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  get lastSeenEpoch(): number {
    return this.newestOwnEpoch;
  }

  /** Until then other nodes' connections are only remembered: at the start this node holds none that they could replace. */
  tellOfRivals(listener: RivalListener): void {
    this.onRival = listener;
  }

  /** Begins to read, as soon as Kafka lets it; resolves when the recent past has been read. Retries until `stop`. */
  async start(): Promise<void> {
    this.isOpening = true;
    for (let attempt = 0; !this.stopping.signal.aborted; attempt++) {
      try {
        await this.open();
        break;
      } catch (err) {
        this.options.logger.warn({ event: 'broker.presence.unreadable', err }, 'The presence log cannot be read yet');
        await this.dropTail();
        await sleep(backoffMs(attempt, RETRY), this.stopping.signal);
      }
    }
    this.isOpening = false;
  }

  async readToEnd(signal: AbortSignal): Promise<void> {
    if (this.tail === undefined) throw new Error('the presence log is not open');
    await this.tail.readToEnd({ signal });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.dropTail();
  }

  private async open(): Promise<void> {
    const { kafka, openTail, logger } = this.options;
    const ranges = await logRange(kafka, topics.presence);
    const offsets = new Map(
      [...ranges].map(([partition, { start, end }]) => {
        const next = this.lookedAt.get(partition);
        // One that the log does not reach any more would be waited for until it does.
        return [partition, max(start, next === undefined || next > end ? end - LOOK_BACK_RECORDS : next)];
      }),
    );
    const tail = openTail({
      topic: topics.presence,
      logger,
      from: { offsets },
      onRecord: (record) => this.read(record),
      onFatal: (err) => this.reopen(tail, err),
    });
    this.tail = tail;
    await tail.start();
    await tail.readToEnd({ signal: this.stopping.signal });
  }

  private reopen(broken: LogTail, err: Error): void {
    if (this.tail !== broken || this.stopping.signal.aborted) return;
    this.options.logger.error({ event: 'broker.presence.tail_lost', err }, 'Reading the presence log stopped; starting it again');
    // While it is being opened, closing it makes that attempt fail, and the next one follows; it may be there before the broken one is closed.
    void this.dropTail().then(() => (this.isOpening || this.tail !== undefined ? undefined : this.start()));
  }

  private async dropTail(): Promise<void> {
    const { tail } = this;
    this.tail = undefined;
    for (const [partition, next] of tail?.positions() ?? []) this.lookedAt.set(partition, next);
    await tail?.close().catch(() => undefined);
  }

  private read(record: LogRecord): void {
    const [node, epoch] = writerOf(record);
    if (node === this.options.node) {
      this.newestOwnEpoch = Math.max(this.newestOwnEpoch, epoch);
      return;
    }
    const type = headerText(record, 'ce_type');
    if (type?.startsWith('milepost.presence.lease.')) this.readLease(record);
    else if (type?.startsWith('milepost.presence.connected.')) this.readConnected(record);
  }

  private readLease(record: LogRecord): void {
    const lease = parsed(record);
    if (isLease.Check(lease)) this.options.keepers.read(lease, this.isOpening ? record.timestampMs : undefined);
  }

  private readConnected(record: LogRecord): void {
    const connected = parsed(record);
    if (!isConnected.Check(connected) || connected.resumed || this.rivals.has(connected.connectionId)) return;
    this.remember(connected.connectionId);
    this.onRival(connected, record.offset);
  }

  private remember(connectionId: string): void {
    this.rivals.add(connectionId);
    if (this.rivals.size <= MAX_REMEMBERED_IDS) return;
    for (const oldest of this.rivals) {
      this.rivals.delete(oldest);
      return;
    }
  }
}

/** Node and epoch from `ce_id`, which is node/epoch/counter: most records need not be parsed. */
function writerOf(record: LogRecord): [node: string, epoch: number] {
  const [node = '', epoch = ''] = (headerText(record, 'ce_id') ?? '').split('/');
  return [node, Number.isSafeInteger(Number(epoch)) ? Number(epoch) : 0];
}

function parsed({ value }: LogRecord): unknown {
  try {
    return value === null ? undefined : JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
