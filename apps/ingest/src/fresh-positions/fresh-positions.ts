import { type BoundStatement, classifyDatabaseError, isTemporary } from '@milepost/database';
import type { LogRecord, LogTail } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import { type BatchRules, prepareBatch, type SentRecord } from '../batch/prepared-batch.js';
import type { Sender } from '../batch/sender.js';
import type { IngestMetrics } from '../metrics.js';
import type { Lateness } from './lateness.js';

/** Where the log is begun: a vehicle reports more often than this. */
const BEGIN_BEFORE_MS = 60_000;
/** What it reads may be so old. A tail that does not keep up, or that a clock set back has sent to old records, is begun anew at the log's end. */
const TAIL_LATE_MS = 2 * BEGIN_BEFORE_MS;
const MAX_WAITING_RECORDS = 5_000;

export interface FreshPositionsOptions {
  lateness: Lateness;
  /** A tail of `fleet.location`. */
  openTail(
    from: { timestampMs: number } | 'end',
    onRecord: (record: LogRecord) => void | Promise<void>,
    onFatal: (error: Error) => void,
  ): LogTail;
  /** Must register nobody: whose a new vehicle is, its first record says, which may be in the backlog. */
  identify(records: readonly LogRecord[]): Promise<Sender[]>;
  write(statements: readonly BoundStatement[]): Promise<unknown>;
  rules: BatchRules;
  metrics: Pick<IngestMetrics, 'freshPositions' | 'latePartitions'>;
  logger: Logger;
  now?: () => number;
}

/**
 * While a backlog is read, the newest positions from the log's end (decision 0028): else each vehicle would stand where it was before the outage until all
 * of its partition is stored. It moves latest positions and nothing else; these never go back, whatever the order, so it needs no fence.
 * The history, the positions of the consumer and the dead letters are the main reader's.
 */
export class FreshPositions {
  readonly #options: FreshPositionsOptions;
  readonly #now: () => number;
  #tail: LogTail | undefined;
  #waiting: LogRecord[] = [];
  #writing: Promise<void> | undefined;
  #behind = false;
  #beginsAt: 'before' | 'end' = 'before';

  constructor(options: FreshPositionsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** One turn: begins or ends the tail, and writes what it has read. */
  async look(): Promise<void> {
    const { lateness, metrics } = this.#options;
    metrics.latePartitions.set(lateness.count);
    if (!lateness.any) {
      this.#beginsAt = 'before';
      return this.close();
    }
    if (this.#tail === undefined) await this.#begin();
    await this.#flush();
    if (!this.#behind) return;
    this.#beginsAt = 'end';
    await this.close();
  }

  async close(): Promise<void> {
    const tail = this.#tail;
    this.#tail = undefined;
    this.#waiting = [];
    this.#behind = false;
    await tail?.close();
  }

  async #begin(): Promise<void> {
    const { openTail, lateness, logger } = this.#options;
    const tail = openTail(
      this.#beginsAt === 'end' ? 'end' : { timestampMs: this.#now() - BEGIN_BEFORE_MS },
      (record) => this.#read(record),
      (err) => {
        logger.warn({ event: 'ingest.fresh-positions.failed', err }, "The log's end cannot be followed any more; it is begun anew");
        if (this.#tail === tail) void this.close();
      },
    );
    this.#tail = tail;
    try {
      await tail.start();
    } catch (error) {
      await this.close();
      throw error;
    }
    logger.info(
      { event: 'ingest.fresh-positions.begun', partitions: lateness.count },
      "A backlog is read: the newest positions come from the log's end meanwhile",
    );
  }

  /** Waits only where more has come than one statement should write. */
  #read(record: LogRecord): Promise<void> | undefined {
    if (this.#now() - record.timestampMs > TAIL_LATE_MS) this.#behind = true;
    if (!this.#options.lateness.has(record.partition)) return undefined;
    this.#waiting.push(record);
    return this.#waiting.length < MAX_WAITING_RECORDS ? undefined : this.#flush();
  }

  #flush(): Promise<void> {
    this.#writing ??= this.#writeWaiting().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    const records = this.#waiting;
    this.#waiting = [];
    if (records.length === 0) return;
    try {
      const senders = await this.#options.identify(records);
      const sent = records.flatMap((record, index) => {
        const sender = senders[index];
        return sender?.kind === 'known' ? [{ record, sender }] : [];
      });
      await this.#write(sent);
    } catch (err) {
      // The main reader says so, and waits; here the next report of the same vehicle serves as well.
      if (!isTemporary(err)) throw err;
      this.#options.logger.debug(
        { event: 'ingest.fresh-positions.passed-over', records: records.length, err },
        'Positions were not written',
      );
    }
  }

  /** What Postgres refuses is narrowed down and left to the main reader, which knows what to do with it. */
  async #write(sent: readonly SentRecord[]): Promise<void> {
    const { rules, metrics, write } = this.#options;
    for (let rest = sent; rest.length > 0; ) {
      const batch = prepareBatch(rest, rules);
      rest = rest.slice(batch.records.length);
      // The first one is the history.
      const [, ...latest] = batch.rows.statements({ partition: batch.partition, feedEpoch: 0 });
      try {
        await write(latest);
        metrics.freshPositions.inc([...batch.rows.vehicles].length);
      } catch (error) {
        if (classifyDatabaseError(error) !== 'bisect') throw error;
        const middle = Math.ceil(batch.records.length / 2);
        if (batch.records.length > 1)
          for (const half of [batch.records.slice(0, middle), batch.records.slice(middle)]) await this.#write(half);
      }
    }
  }
}
