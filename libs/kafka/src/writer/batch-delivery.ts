import { backoffMs, type Logger, sleep } from '@milepost/runtime';
import type { AppendOutcome } from './append-outcome.js';
import type { PartitionAnswer, ProduceClient } from './produce-client.js';
import { produceFault } from './produce-fault.js';
import type { QueuedRecord } from './queued-record.js';
import type { WriterMetrics } from './writer-metrics.js';

/** One partition's share of a request. Never changed between attempts: what is sent again is identical. */
export interface PartitionBatch {
  /** Physical. */
  topic: string;
  partition: number;
  entries: readonly QueuedRecord[];
}

export interface DeliveryOptions {
  client: ProduceClient;
  logger: Logger;
  metrics: WriterMetrics;
  /** Ends the attempts; what has no outcome is settled by who aborts. */
  signal: AbortSignal;
  /** Kafka stored or refused something. */
  onAnswer: () => void;
  /** A request was answered after so long. */
  onTook?: (ms: number) => void;
  backoff?: { baseMs: number; maxMs: number };
  renewAfterMs?: number;
}

export interface BatchDelivery {
  /** Sends until every record is stored or refused. `onSettled` is called for each batch when its last record is. */
  deliver(batches: readonly PartitionBatch[], onSettled: (batch: PartitionBatch) => void): Promise<void>;
}

const BACKOFF = { baseMs: 100, maxMs: 2_000 };
const LEAST_PAUSE_MS = 20;
const RENEW_AFTER_MS = 15_000;

/**
 * The loop around a client that tries once.
 * A request that fails says nothing about the partitions of a node that has not answered, so it is taken apart: each is sent again by itself, and
 * those that were stored are stored a second time (consumers tolerate it). A partition that fails because of a record is halved until that record stands alone.
 */
export function createBatchDelivery(options: DeliveryOptions): BatchDelivery {
  const { client, logger, metrics, signal, onAnswer, onTook, backoff = BACKOFF, renewAfterMs = RENEW_AFTER_MS } = options;
  // Of no clock that somebody may set.
  const now = () => performance.now();
  let failingSince: number | undefined;

  /** Answers how many are not stored. `onStored` is called for each that is. @throws what the client throws: some may be stored then, too. */
  const attempt = async (
    batches: readonly PartitionBatch[],
    isFirst: boolean,
    onStored?: (batch: PartitionBatch) => void,
  ): Promise<number> => {
    const startedAt = performance.now();
    const unanswered = new Set(batches);
    let isOver = false;
    const onAnswers = (answers: readonly PartitionAnswer[]) => {
      // What comes after another node has failed comes too late: it is being sent again.
      if (isOver) return;
      if (answers.length > 0) onAnswer();
      for (const batch of unanswered) {
        // kafkajs can resolve without having written a partition (FACTS): only what Kafka names is stored.
        const answer = answers.find(({ topic, partition }) => topic === batch.topic && partition === batch.partition);
        if (answer === undefined) continue;
        unanswered.delete(batch);
        settleStored(batch, answer, isFirst, metrics);
        recovered();
        onStored?.(batch);
      }
    };
    const asked = batches.map(({ topic, partition, entries }) => ({ topic, partition, messages: entries.map(({ message }) => message) }));
    try {
      const answers = await client.produce(asked, onAnswers);
      const tookMs = performance.now() - startedAt;
      metrics.produceSeconds.observe(tookMs / 1000);
      onTook?.(tookMs);
      onAnswers(answers);
    } finally {
      isOver = true;
      metrics.batches.inc(batches.length - unanswered.size);
    }
    return unanswered.size;
  };

  const recovered = () => {
    if (failingSince === undefined) return;
    logger.info({ event: 'kafka.writer.recovered', failedForMs: now() - failingSince }, 'Kafka stores again');
    failingSince = undefined;
  };

  const pause = async (failures: number, firstFailedAt: number, reason: string, err?: unknown) => {
    metrics.resends.inc({ reason });
    if (failingSince === undefined) {
      failingSince = now();
      logger.warn({ event: 'kafka.writer.failing', reason, err }, 'Kafka does not store what is sent; sending it again until it does');
    }
    if (now() - firstFailedAt > renewAfterMs) client.renew(renewAfterMs);
    await sleep(Math.max(LEAST_PAUSE_MS, backoffMs(failures, backoff)), signal);
  };

  const deliverAlone = async (batch: PartitionBatch, alreadyFailed: number): Promise<void> => {
    const firstFailedAt = now();
    for (let failures = alreadyFailed; !signal.aborted; ) {
      try {
        if ((await attempt([batch], failures === 0)) === 0) return;
        failures += 1;
        await pause(failures, firstFailedAt, 'unanswered');
      } catch (error) {
        const fault = produceFault(error);
        if (fault.kind === 'record') {
          onAnswer();
          return takeApart(batch, fault);
        }
        failures += 1;
        await pause(failures, firstFailedAt, fault.code, error);
      }
    }
  };

  const takeApart = async (batch: PartitionBatch, fault: { code: string; message: string }): Promise<void> => {
    const [only] = batch.entries;
    if (only && batch.entries.length === 1) {
      metrics.records.inc({ outcome: 'refused' });
      only.settle({ kind: 'refused', code: fault.code, message: fault.message });
      logger.warn(
        { event: 'kafka.writer.refused', topic: batch.topic, partition: batch.partition, code: fault.code, bytes: only.message.bytes },
        'Kafka refuses a record for what is in it',
      );
      return;
    }
    const middle = Math.ceil(batch.entries.length / 2);
    await deliverAlone({ ...batch, entries: batch.entries.slice(0, middle) }, 0);
    await deliverAlone({ ...batch, entries: batch.entries.slice(middle) }, 0);
  };

  return {
    deliver: async (batches, onSettled) => {
      const rest = new Set(batches);
      const failures = 1;
      const onStored = (batch: PartitionBatch) => {
        rest.delete(batch);
        onSettled(batch);
      };
      try {
        if ((await attempt(batches, true, onStored)) === 0) return;
        await pause(failures, now(), 'unanswered');
      } catch (error) {
        const fault = produceFault(error);
        // Also where a record is at fault: other partitions of the request may be stored, or still be on their way to another node.
        if (fault.kind === 'passing') {
          await pause(failures, now(), fault.code, error);
        } else {
          onAnswer();
        }
      }
      await Promise.all([...rest].map((batch) => deliverAlone(batch, failures).then(() => onSettled(batch))));
    },
  };
}

function settleStored(
  { partition, entries }: PartitionBatch,
  { baseOffset, logAppendTimeMs }: PartitionAnswer,
  isFirst: boolean,
  metrics: WriterMetrics,
): void {
  metrics.records.inc({ outcome: 'stored' }, entries.length);
  for (let at = 0, record = entries[0]; record !== undefined; record = entries[at]) {
    const offset = baseOffset + BigInt(at);
    const stored: AppendOutcome = { kind: 'stored', partition, offset, timestampMs: logAppendTimeMs ?? record.message.timestampMs };
    const behind = record.rowBehind(entries, at);
    record.settle(isFirst ? stored : { ...stored, resent: true }, behind);
    at += 1 + behind.length;
  }
}
