import { topics } from '@milepost/contracts';
import { type ConsumerPositions, type Registry, stopped } from '@milepost/database';
import { type BatchOutcome, type RecordBatch, withHeartbeats } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import type { SentRecord } from '../batch/prepared-batch.js';
import { identifySenders } from '../batch/sender.js';
import type { Lateness } from '../fresh-positions/lateness.js';
import type { IngestMetrics } from '../metrics.js';
import type { BatchStore } from './batch-store.js';
import { retrying } from './retrying.js';

export interface BatchHandlerOptions {
  registry: Registry;
  operatorOrganisation: string;
  positions: ConsumerPositions;
  store: BatchStore;
  /** Of the partitions of `fleet.location`. */
  lateness: Lateness;
  logger: Logger;
  metrics: IngestMetrics;
}

/** What the consumer calls for every batch: who sent it, then into the store, behind the fence. */
export function createBatchHandler(options: BatchHandlerOptions): (batch: RecordBatch) => Promise<BatchOutcome> {
  const { positions, store, lateness, logger, metrics } = options;
  return (batch) =>
    withHeartbeats(batch, async () => {
      const { topic, partition, firstOffset, nextOffset, highWatermark } = batch;
      if (topic === topics.location) lateness.reading(batch, Date.now());
      const records = await sentRecords(batch, options);
      if (records === undefined) return { kind: 'reposition' };
      const position = positions.expected(topic, partition, firstOffset);
      const outcome = await store.store(records, { position, isStale: batch.isStale });
      if (outcome.kind === 'stored') {
        // The partition may have gone elsewhere meanwhile: what is known of it was forgotten then. Where it came back, the next batch begins where
        // the store was asked for it, and is to find that the position went on.
        if (!batch.isStale()) {
          positions.moveTo(topic, partition, outcome.position);
          if (topic === topics.location) lateness.stored(batch);
          metrics.lag.set({ topic, partition }, Math.max(0, Number(highWatermark - nextOffset)));
        }
        return { kind: 'done' };
      }
      if (outcome.kind === 'fenced') {
        metrics.repositions.inc({ topic });
        logger.warn(
          { event: 'ingest.batch.fenced', topic, partition, position: String(position) },
          'Another process has stored this part of the log; going on where it stands',
        );
      }
      return { kind: 'reposition' };
    });
}

/** Undefined when the partition was taken away while Postgres was out of reach. */
async function sentRecords(
  batch: RecordBatch,
  { registry, operatorOrganisation, logger, metrics }: BatchHandlerOptions,
): Promise<SentRecord[] | undefined> {
  try {
    const senders = await retrying(() => identifySenders(batch.records, registry, operatorOrganisation), {
      isOver: batch.isStale,
      onRetry: (err, kind) => {
        metrics.retries.inc({ kind });
        logger.warn({ event: 'ingest.registry.unreachable', err }, 'The vehicles of a batch could not be looked up; trying again');
      },
    });
    if (senders.kind === 'over') return undefined;
    return batch.records.map((record, index) => {
      const sender = senders.value[index];
      if (sender === undefined) throw new TypeError('There is a sender for every record');
      return { record, sender };
    });
  } catch (error) {
    throw stopped('ingest', 'to look up vehicles', error);
  }
}
