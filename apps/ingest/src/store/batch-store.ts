import { classifyDatabaseError, type DatabaseErrorKind, stopped } from '@milepost/database';
import type { Logger } from '@milepost/runtime';
import { type BatchRules, type PreparedBatch, prepareBatch, type SentRecord } from '../batch/prepared-batch.js';
import type { IngestMetrics } from '../metrics.js';
import { ensureDays } from '../partitions/daily-partitions.js';
import { GroupedWrites } from './grouped-writes.js';
import { findRefusedItems } from './refused-items.js';
import { retrying } from './retrying.js';
import { Slots } from './slots.js';
import type { Fence, WriteContext, WriteOutcome } from './write-batches.js';

export interface BatchStoreOptions extends WriteContext {
  rules: BatchRules;
  /** Transactions that run, and large batches that are in memory, at the same time. */
  concurrency: number;
  logger: Logger;
  metrics: IngestMetrics;
}

/** `position` is where the partition stands now. */
export type StoreOutcome = { kind: 'stored'; position: bigint } | { kind: 'fenced' } | { kind: 'stale' };

/** What is at most so large in every way is small: as many of these as there are partitions may be in memory. */
const small = { records: 250, bytes: 64 * 1024 } as const;
const maxPartitionAttempts = 3;
/** A single record that times out as often is not a matter of size. */
const maxTimeouts = 5;

/**
 * Records of one partition → Postgres, in as many transactions as the limits and the errors ask for, each moving the fence.
 * Errors are judged by SQLSTATE: waited out, halved, met with a new partition, or narrowed down to the record that is to blame.
 * @throws AppStopped for a reason that is not in a record.
 */
export class BatchStore {
  readonly #options: BatchStoreOptions;
  readonly #writes: GroupedWrites;
  readonly #large: Slots;

  constructor(options: BatchStoreOptions) {
    this.#options = options;
    this.#large = new Slots(options.concurrency);
    this.#writes = new GroupedWrites(options);
  }

  store(records: readonly SentRecord[], fence: Fence): Promise<StoreOutcome> {
    return isSmall(records) ? this.#storeAll(records, fence) : this.#large.run(() => this.#storeAll(records, fence));
  }

  async #storeAll(records: readonly SentRecord[], fence: Fence): Promise<StoreOutcome> {
    let position = fence.position;
    let rest = records;
    while (rest.length > 0) {
      const batch = prepareBatch(rest, this.#options.rules);
      const outcome = await this.#storeBatch(batch, { ...fence, position });
      if (outcome.kind !== 'stored') return outcome;
      position = outcome.position;
      rest = rest.slice(batch.records.length);
    }
    return { kind: 'stored', position };
  }

  async #storeBatch(batch: PreparedBatch, fence: Fence): Promise<StoreOutcome> {
    let partitionAttempts = 0;
    let timeouts = 0;
    for (;;) {
      try {
        const outcome = await this.#write(batch, fence);
        return outcome.kind === 'written' ? { kind: 'stored', position: batch.nextOffset } : outcome;
      } catch (error) {
        const kind = classifyDatabaseError(error);
        this.#noteRetry(batch, error, kind);
        if (kind === 'missing-partition' && ++partitionAttempts <= maxPartitionAttempts) {
          const refused = await this.#makePartitions(batch, fence);
          if (!refused) continue;
        } else if (kind === 'halve' && batch.records.length === 1 && ++timeouts <= maxTimeouts) continue;
        else if (kind === 'stop' || kind === 'missing-partition' || (kind === 'halve' && batch.records.length === 1)) {
          throw stopped('ingest', `a batch of ${batch.topic}/${batch.partition} at offset ${fence.position}`, error);
        }
        return batch.records.length === 1 ? this.#storeAlone(batch, fence, error) : this.#storeHalves(batch, fence);
      }
    }
  }

  async #write(batch: PreparedBatch, fence: Fence, mendedByRetry: readonly DatabaseErrorKind[] = ['retry']): Promise<WriteOutcome> {
    const { metrics } = this.#options;
    const stopTimer = metrics.batchSeconds.startTimer({ topic: batch.topic });
    const tried = await retrying(() => this.#writes.write(batch, fence), {
      isOver: fence.isStale,
      mendedByRetry,
      onRetry: (error, kind) => this.#noteRetry(batch, error, kind),
    });
    const outcome: WriteOutcome = tried.kind === 'over' ? { kind: 'stale' } : tried.value;
    if (outcome.kind === 'written') {
      stopTimer();
      this.#count(batch, outcome.stored);
    }
    return outcome;
  }

  /** True when a day cannot have a partition: then a record is to blame. */
  async #makePartitions(batch: PreparedBatch, fence: Fence): Promise<boolean> {
    const { pool, metrics, logger } = this.#options;
    const { table, days } = batch.rows;
    try {
      const made = await retrying(() => ensureDays(pool, table, days), {
        isOver: fence.isStale,
        onRetry: (error, kind) => this.#noteRetry(batch, error, kind),
      });
      if (made.kind === 'done' && made.value > 0) {
        metrics.partitions.inc({ table, change: 'made' }, made.value);
        logger.info(
          { event: 'ingest.partitions.made', table, days: days.size, made: made.value },
          'Days that vehicles reported had no partition yet',
        );
      }
      return false;
    } catch (error) {
      if (classifyDatabaseError(error) === 'bisect') return true;
      throw stopped('ingest', `to make partitions of ${table}`, error);
    }
  }

  async #storeHalves(batch: PreparedBatch, fence: Fence): Promise<StoreOutcome> {
    const middle = Math.ceil(batch.records.length / 2);
    const left = await this.#storeAll(batch.records.slice(0, middle), fence);
    if (left.kind !== 'stored') return left;
    return this.#storeAll(batch.records.slice(middle), { ...fence, position: left.position });
  }

  /** A record that failed alone: those of its items are dead letters that fail while a plain neighbour does not. */
  async #storeAlone(batch: PreparedBatch, fence: Fence, error: unknown): Promise<StoreOutcome> {
    const [record] = batch.records;
    if (record === undefined) throw new TypeError('A batch has at least one record');
    const { rules, logger } = this.#options;
    const search = await findRefusedItems(record, error, {
      ...this.#options,
      isStale: fence.isStale,
      onRetry: (reason, kind) => this.#noteRetry(batch, reason, kind),
    });
    if (search.kind === 'stale') return search;
    const { offset } = record.record;
    const items = [...search.refused.keys()];
    logger.error(
      { event: 'ingest.record.not-storable', topic: batch.topic, partition: batch.partition, offset: String(offset), items, err: error },
      'Postgres refuses items of a record and takes others: they become a dead letter',
    );
    return this.#storeWithout(prepareBatch([record], rules, search.refused), fence);
  }

  async #storeWithout(batch: PreparedBatch, fence: Fence): Promise<StoreOutcome> {
    try {
      // What is left cannot be halved: a time-out passes, as in the search.
      const outcome = await this.#write(batch, fence, ['retry', 'halve']);
      return outcome.kind === 'written' ? { kind: 'stored', position: batch.nextOffset } : outcome;
    } catch (error) {
      throw stopped('ingest', `a dead letter of ${batch.topic}/${batch.partition} at offset ${fence.position}`, error);
    }
  }

  #count(batch: PreparedBatch, stored: number): void {
    const { metrics } = this.#options;
    const { topic } = batch;
    metrics.records.inc({ topic }, batch.records.length);
    metrics.items.inc({ topic, outcome: 'stored' }, stored);
    metrics.items.inc({ topic, outcome: 'duplicate' }, batch.rows.count - stored);
    for (const { faults } of batch.deadLetters.all) {
      metrics.deadLetters.inc({ topic });
      for (const { code } of faults) metrics.faults.inc({ topic, code });
    }
  }

  #noteRetry(batch: PreparedBatch, error: unknown, kind: DatabaseErrorKind): void {
    const { metrics, logger } = this.#options;
    metrics.retries.inc({ kind });
    logger.warn(
      { event: 'ingest.write.failed', kind, topic: batch.topic, partition: batch.partition, records: batch.records.length, err: error },
      `A batch was rolled back; next: ${kind}`,
    );
  }
}

function isSmall(records: readonly SentRecord[]): boolean {
  return records.length <= small.records && records.reduce((sum, { record }) => sum + (record.value?.length ?? 0), 0) <= small.bytes;
}
