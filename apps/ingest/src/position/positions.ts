import { sql } from '@milepost/database';
import type { OffsetRange } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import type { IngestMetrics } from '../metrics.js';
import { IngestStopped } from '../store/ingest-stopped.js';

const readPosition = sql('ingest/read-position');
const skipToLogStart = sql('ingest/skip-to-log-start');
const foreignClusters = sql('ingest/foreign-clusters');

export interface PositionsOptions {
  pool: Pool;
  clusterId: string;
  logger: Logger;
  metrics: IngestMetrics;
}

/** Where each partition goes on. Postgres is the truth; what is remembered here only says what the fence will ask for. */
export class Positions {
  readonly #options: PositionsOptions;
  readonly #expected = new Map<string, bigint>();

  constructor(options: PositionsOptions) {
    this.#options = options;
  }

  /** @throws IngestStopped when the database was filled from another Kafka: its offsets mean nothing here. */
  async refuseForeignCluster(): Promise<void> {
    const { pool, clusterId } = this.#options;
    const { rows } = await pool.query<{ cluster_id: string }>({ ...foreignClusters, values: [clusterId] });
    if (rows.length === 0) return;
    const others = rows.map((row) => row.cluster_id);
    throw new IngestStopped(
      'foreign_cluster',
      `This database was filled from Kafka cluster ${others.join(', ')}, and KAFKA_BROKERS names cluster ${clusterId}. If that is a mistake, mend KAFKA_BROKERS or DATABASE_URL. If Kafka was replaced for good, forget the old positions: delete from kafka_offsets where cluster_id <> '${clusterId}'; the new log is then read from its start, and what is stored already is not stored again.`,
    );
  }

  /** The stored position; below the log's start it is moved there, with what is lost said. One above the end is for the consumer to refuse. */
  async read(topic: string, partition: number, range: OffsetRange): Promise<bigint> {
    const { pool, clusterId, logger, metrics } = this.#options;
    const { rows } = await pool.query<{ next_offset: string; made: boolean }>({
      ...readPosition,
      values: [clusterId, topic, partition, range.start],
    });
    // Without a row: another process made it just now and this snapshot does not see it yet.
    const row = rows[0];
    if (row === undefined) return this.read(topic, partition, range);
    let position = BigInt(row.next_offset);
    if (position < range.start) {
      metrics.belowLogStart.inc({ topic });
      logger.error(
        { event: 'ingest.position.below-log-start', topic, partition, position: row.next_offset, logStart: String(range.start) },
        'Kafka deleted records before they were stored; going on at the start of its log',
      );
      await pool.query({ ...skipToLogStart, values: [clusterId, topic, partition, position, range.start] });
      position = range.start;
    }
    this.#expected.set(nameOf(topic, partition), position);
    return position;
  }

  /** What the fence must find: the last position read or written here, and `firstOffset` where that is unknown. The log may have gaps, so it may lie below. */
  expected(topic: string, partition: number, firstOffset: bigint): bigint {
    return this.#expected.get(nameOf(topic, partition)) ?? firstOffset;
  }

  moveTo(topic: string, partition: number, position: bigint): void {
    this.#expected.set(nameOf(topic, partition), position);
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
