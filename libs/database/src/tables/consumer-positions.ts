import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import { sql } from '../statements/sql.js';

const readPosition = sql('positions/read');
const skipToLogStart = sql('positions/skip-to-log-start');
const foreignClusters = sql('positions/foreign-clusters');

export interface ConsumerPositionsOptions {
  pool: Pool;
  /** Of `kafka_offsets`. */
  consumer: 'ingest' | 'alerts';
  clusterId: string;
  logger: Logger;
  /** Kafka deleted records of this topic before they were read. */
  onBelowLogStart(topic: string): void;
}

/** Where each partition of a consumer goes on. Postgres is the truth; what is remembered here only says what the fence must find. */
export class ConsumerPositions {
  readonly #options: ConsumerPositionsOptions;
  readonly #expected = new Map<string, bigint>();

  constructor(options: ConsumerPositionsOptions) {
    this.#options = options;
  }

  /**
   * Why this database is not this Kafka's, and how to mend it; undefined when it is. Another cluster's offsets mean nothing here.
   * @param otherwise what follows when the old positions are forgotten.
   */
  async foreignClusterProblem(otherwise: string): Promise<string | undefined> {
    const { pool, consumer, clusterId } = this.#options;
    const { rows } = await pool.query<{ cluster_id: string }>({ ...foreignClusters, values: [consumer, clusterId] });
    if (rows.length === 0) return undefined;
    const others = rows.map((row) => row.cluster_id).join(', ');
    return `This database was filled from Kafka cluster ${others}, and KAFKA_BROKERS names cluster ${clusterId}. If that is a mistake, mend KAFKA_BROKERS or DATABASE_URL. If Kafka was replaced for good, forget the old positions: delete from kafka_offsets where cluster_id <> '${clusterId}'; ${otherwise}.`;
  }

  /** The stored position; below the log's start it is moved there, with what is lost said. One above the end is for the Kafka consumer to refuse. */
  async read(topic: string, partition: number, range: { start: bigint }): Promise<bigint> {
    const { pool, consumer, clusterId, logger, onBelowLogStart } = this.#options;
    const key = [consumer, clusterId, topic, partition];
    const { rows } = await pool.query<{ next_offset: string }>({ ...readPosition, values: [...key, range.start] });
    // Without a row: another process made it just now and this snapshot does not see it yet.
    const row = rows[0];
    if (row === undefined) return this.read(topic, partition, range);
    let position = BigInt(row.next_offset);
    if (position < range.start) {
      onBelowLogStart(topic);
      logger.error(
        { event: `${consumer}.position.below-log-start`, topic, partition, position: row.next_offset, logStart: String(range.start) },
        'Kafka deleted records before they were read; going on at the start of its log',
      );
      await pool.query({ ...skipToLogStart, values: [...key, position, range.start] });
      position = range.start;
    }
    this.moveTo(topic, partition, position);
    return position;
  }

  /** What the fence must find: the last position read or written here, and `firstOffset` where that is unknown. The log may have gaps, so it may lie below. */
  expected(topic: string, partition: number, firstOffset: bigint): bigint {
    return this.#expected.get(nameOf(topic, partition)) ?? firstOffset;
  }

  /** After the commit that stored it. */
  moveTo(topic: string, partition: number, position: bigint): void {
    this.#expected.set(nameOf(topic, partition), position);
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
