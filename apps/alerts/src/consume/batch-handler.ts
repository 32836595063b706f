import { classifyDatabaseError, isTemporary, stopped } from '@milepost/database';
import { type BatchOutcome, type LogRecord, type RecordBatch, withHeartbeats } from '@milepost/kafka';
import { backoffMs, sleep } from '@milepost/runtime';
import type { AlertsMetrics } from '../metrics.js';
import type { PartitionWriter, WriteOutcome } from './partition-writer.js';
import { type ReadEventsOptions, readEvents } from './read-events.js';

const BACKOFF = { baseMs: 100, maxMs: 5_000 };

export interface BatchHandlerOptions extends ReadEventsOptions {
  writer: PartitionWriter;
  metrics: AlertsMetrics;
}

/** What the consumer calls for every batch. Waits as long as Postgres is away; stops on what waiting does not mend. */
export function createBatchHandler(options: BatchHandlerOptions): (batch: RecordBatch) => Promise<BatchOutcome> {
  return (batch) =>
    withHeartbeats(batch, async () => {
      const outcome = await store(batch.records, batch, options);
      if (outcome === 'written') return { kind: 'done' };
      if (outcome === 'fenced') {
        options.metrics.repositions.inc();
        const { partition, firstOffset } = batch;
        options.logger.warn(
          { event: 'alerts.batch.fenced', partition, firstOffset: String(firstOffset) },
          'The partition stands elsewhere; going on where it stands',
        );
      }
      return { kind: 'reposition' };
    });
}

/** What Kafka said of the log behind these records, all of the batch or a part of it. */
function endOf(records: readonly LogRecord[], { highWatermark, askedAtMs }: RecordBatch): { endedAtMs?: number } {
  const last = records.at(-1)?.offset;
  return last !== undefined && last + 1n >= highWatermark ? { endedAtMs: askedAtMs } : {};
}

async function store(records: readonly LogRecord[], batch: RecordBatch, options: BatchHandlerOptions): Promise<WriteOutcome> {
  const { writer, metrics, logger } = options;
  for (let attempt = 0; ; attempt += 1) {
    if (batch.isStale()) return 'stale';
    try {
      const { tell, ...read } = await readEvents(records, options);
      const outcome = await writer.write({
        ...read,
        partition: batch.partition,
        records,
        ...endOf(records, batch),
        isStale: batch.isStale,
      });
      // What is not written is read again, here or elsewhere, and told then.
      if (outcome === 'written') tell();
      return outcome;
    } catch (err) {
      const kind = classifyDatabaseError(err);
      if (kind === 'stop' || kind === 'missing-partition') throw stopped('alerts', 'to store presence', err);
      metrics.retries.inc({ kind });
      if (kind !== 'retry' && records.length > 1) return storeHalves(records, batch, options);
      if (kind === 'bisect') return passOver(records, batch, options, err);
      logger.warn(
        { event: 'alerts.batch.retried', partition: batch.partition, attempt, err },
        'A batch could not be written; trying again',
      );
      await sleep(backoffMs(attempt, BACKOFF));
    }
  }
}

async function storeHalves(records: readonly LogRecord[], batch: RecordBatch, options: BatchHandlerOptions): Promise<WriteOutcome> {
  const middle = records.length >> 1;
  const first = await store(records.slice(0, middle), batch, options);
  return first === 'written' ? store(records.slice(middle), batch, options) : first;
}

/** One record that Postgres cannot take, for a reason that is in it. The position goes on behind it. */
async function passOver(
  records: readonly LogRecord[],
  batch: RecordBatch,
  options: BatchHandlerOptions,
  err: unknown,
): Promise<WriteOutcome> {
  const { writer, logger, metrics } = options;
  const { partition } = batch;
  let outcome: WriteOutcome;
  try {
    outcome = await writer.write({
      events: [],
      attempts: [],
      certificates: [],
      partition,
      records,
      ...endOf(records, batch),
      isStale: batch.isStale,
    });
  } catch (error) {
    // Postgres went away in between, or is too slow: once more from the beginning.
    if (isTemporary(error)) return store(records, batch, options);
    // It fails without the record too: the record was not to blame.
    throw stopped('alerts', 'to store presence', error);
  }
  if (outcome !== 'written') return outcome;
  metrics.skipped.inc({ reason: 'not_storable' });
  logger.error(
    { event: 'alerts.record.not-storable', partition, offset: String(records[0]?.offset), err },
    'Postgres refuses a presence record; passed over',
  );
  return outcome;
}
