import { type Fault, topics } from '@milepost/contracts';
import { advisoryLocks, sql } from '@milepost/database';
import type { LogWriter, RecordToAppend } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import type { IngestMetrics } from '../metrics.js';
import { withAdvisoryLock } from '../store/with-advisory-lock.js';

const unrelayedDeadLetters = sql('ingest/unrelayed-dead-letters');
const markRelayed = sql('ingest/mark-dead-letters-relayed');

/** Payloads may be half a megabyte each. */
const maxLettersAtOnce = 50;

export interface DeadLetterRow {
  topic: string;
  partition: number;
  offset: string;
  at: Date;
  vehicle_id: string | null;
  record_timestamp: Date;
  record_key: string | null;
  headers: Record<string, string | { base64: string }>;
  payload: Buffer;
  errors: Fault[];
  error_count: number;
}

export interface RelayOptions {
  pool: Pool;
  writer: LogWriter;
  logger: Logger;
  metrics: IngestMetrics;
}

/**
 * Brings dead letters from their table to fleet.dead-letter: at least once, one relay at a time.
 * What Kafka refuses for good (too large) stays in the table alone, marked and said. Answers how many it settled.
 */
export async function relayDeadLetters({ pool, writer, logger, metrics }: RelayOptions): Promise<number> {
  const settled = await withAdvisoryLock(pool, advisoryLocks.deadLetterRelay, async (client) => {
    let total = 0;
    for (;;) {
      const { rows } = await client.query<DeadLetterRow>({ ...unrelayedDeadLetters, values: [maxLettersAtOnce] });
      // While Kafka is away this waits: no transaction is open, and asking twice would send twice.
      const answered = await Promise.all(rows.map(async (row) => ({ row, outcome: await writer.append(toRecord(row)) })));
      const done = answered.filter(({ outcome }) => outcome.kind !== 'withheld');
      for (const { row, outcome } of done) {
        metrics.relayed.inc({ outcome: outcome.kind });
        if (outcome.kind !== 'refused') continue;
        const { topic, partition, offset } = row;
        logger.error(
          { event: 'ingest.dead-letter.refused', topic, partition, offset, code: outcome.code },
          `Kafka takes a dead letter never: ${outcome.message}. It is kept in the table dead_letters alone`,
        );
      }
      const rowsDone = done.map(({ row }) => row);
      await client.query({
        ...markRelayed,
        values: [rowsDone.map((r) => r.topic), rowsDone.map((r) => r.partition), rowsDone.map((r) => r.offset), rowsDone.map((r) => r.at)],
      });
      total += done.length;
      if (rows.length < maxLettersAtOnce || done.length < rows.length) return total;
    }
  });
  return settled ?? 0;
}

/** The source's payload and headers, where it came from and what is wrong with it. Its key is the vehicle's id; one that is none is a header. */
export function toRecord(row: DeadLetterRow): RecordToAppend {
  const headers: Record<string, string | Buffer> = {};
  for (const [name, value] of Object.entries(row.headers))
    headers[name] = typeof value === 'string' ? value : Buffer.from(value.base64, 'base64');
  return {
    topic: topics.deadLetter,
    key: row.vehicle_id,
    value: row.payload,
    headers: {
      ...headers,
      'source-topic': row.topic,
      'source-partition': String(row.partition),
      'source-offset': row.offset,
      ...(row.record_key !== null && row.record_key !== row.vehicle_id && { 'source-key': row.record_key }),
      errors: JSON.stringify(row.errors),
      'error-count': String(row.error_count),
    },
  };
}
