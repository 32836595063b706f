import { topics } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { OffsetRange } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import type { Pool, PoolClient } from 'pg';
import { AlertsStopped } from '../alerts-stopped.js';
import type { AlertsMetrics } from '../metrics.js';
import { type PartitionClock, unsetClock } from '../presence/partition-clock.js';

const readPosition = sql('alerts/read-position');
const skipToLogStart = sql('alerts/skip-to-log-start');
const foreignClusters = sql('alerts/foreign-clusters');
const lockPosition = sql('alerts/lock-position');
const advancePosition = sql('alerts/advance-position');

export interface PositionsOptions {
  pool: Pool;
  clusterId: string;
  logger: Logger;
  metrics: Pick<AlertsMetrics, 'belowLogStart'>;
}

/** Where each presence partition goes on, with its clock. Postgres is the truth; the row is the fence. */
export class Positions {
  readonly #options: PositionsOptions;
  /** What the fence must find: the position read or written last. The log may have gaps, so it can lie below a batch's first offset. */
  readonly #expected = new Map<number, bigint>();

  constructor(options: PositionsOptions) {
    this.#options = options;
  }

  /** @throws AlertsStopped when the database was filled from another Kafka: its offsets mean nothing here. */
  async refuseForeignCluster(): Promise<void> {
    const { pool, clusterId } = this.#options;
    const { rows } = await pool.query<{ cluster_id: string }>({ ...foreignClusters, values: [clusterId] });
    if (rows.length === 0) return;
    const others = rows.map((row) => row.cluster_id).join(', ');
    throw new AlertsStopped(
      'foreign_cluster',
      `This database was filled from Kafka cluster ${others}, and KAFKA_BROKERS names cluster ${clusterId}. If that is a mistake, mend KAFKA_BROKERS or DATABASE_URL. If Kafka was replaced for good, forget the old positions: delete from kafka_offsets where cluster_id <> '${clusterId}'; presence then begins anew with what the brokers say.`,
    );
  }

  /** The stored position; below the log's start it is moved there, and that is said. One above the end is for the consumer to refuse. */
  async read(partition: number, range: OffsetRange): Promise<bigint> {
    const { pool, clusterId, logger, metrics } = this.#options;
    const key = [clusterId, topics.presence, partition];
    const { rows } = await pool.query<{ next_offset: string }>({ ...readPosition, values: [...key, range.start] });
    const row = rows[0];
    // Another process made the row just now, and this snapshot does not see it yet.
    if (row === undefined) return this.read(partition, range);
    let position = BigInt(row.next_offset);
    if (position < range.start) {
      metrics.belowLogStart.inc();
      logger.error(
        { event: 'alerts.position.below-log-start', partition, position: row.next_offset, logStart: String(range.start) },
        'Kafka deleted presence records before they were read; going on at the start of its log',
      );
      await pool.query({ ...skipToLogStart, values: [...key, position, range.start] });
      position = range.start;
    }
    this.#expected.set(partition, position);
    return position;
  }

  /** Locks the partition's row. Its clock, or undefined when the row is not where this process left it: somebody else writes here. */
  async lock(client: PoolClient, partition: number, firstOffset: bigint): Promise<PartitionClock | undefined> {
    const { clusterId } = this.#options;
    const { rows } = await client.query<{ next_offset: string; clock: PartitionClock | null }>({
      ...lockPosition,
      values: [clusterId, topics.presence, partition],
    });
    const row = rows[0];
    if (row === undefined || BigInt(row.next_offset) !== (this.#expected.get(partition) ?? firstOffset)) return undefined;
    return row.clock ?? unsetClock;
  }

  async advance(client: PoolClient, partition: number, nextOffset: bigint, clock: PartitionClock): Promise<void> {
    const { clusterId } = this.#options;
    const values = [clusterId, topics.presence, partition, nextOffset, clock.clockMs, JSON.stringify(clock)];
    await client.query({ ...advancePosition, values });
  }

  /** After the commit of `advance`. */
  moveTo(partition: number, position: bigint): void {
    this.#expected.set(partition, position);
  }
}
