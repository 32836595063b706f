import { topics } from '@milepost/contracts';
import { AppStopped, ConsumerPositions, sql } from '@milepost/database';
import { type PartitionClock, unsetClock } from '@milepost/presence';
import type { Logger } from '@milepost/runtime';
import type { Pool, PoolClient } from 'pg';
import type { AlertsMetrics } from '../metrics.js';

const lockPosition = sql('alerts/store/lock-position');
const advancePosition = sql('alerts/store/advance-position');

export interface PositionsOptions {
  pool: Pool;
  clusterId: string;
  logger: Logger;
  metrics: Pick<AlertsMetrics, 'belowLogStart'>;
}

/** The row of a partition's position, and where it must stand. */
export interface PositionFence {
  clusterId: string;
  topic: string;
  partition: number;
  expected: bigint;
}

/** Where each presence partition goes on, with its clock. The row is the fence. */
export class Positions {
  readonly #clusterId: string;
  readonly #positions: ConsumerPositions;

  constructor({ metrics, ...options }: PositionsOptions) {
    this.#clusterId = options.clusterId;
    this.#positions = new ConsumerPositions({ ...options, consumer: 'alerts', onBelowLogStart: () => metrics.belowLogStart.inc() });
  }

  /** @throws AppStopped when the database was filled from another Kafka. */
  async refuseForeignCluster(): Promise<void> {
    const problem = await this.#positions.foreignClusterProblem('presence then begins anew with what the brokers say');
    if (problem !== undefined) throw new AppStopped('foreign_cluster', problem);
  }

  read(partition: number, range: { start: bigint }): Promise<bigint> {
    return this.#positions.read(topics.presence, partition, range);
  }

  /** What a statement must find that moves the position without a lock before it. */
  fenceOf(partition: number, firstOffset: bigint): PositionFence {
    const expected = this.#positions.expected(topics.presence, partition, firstOffset);
    return { clusterId: this.#clusterId, topic: topics.presence, partition, expected };
  }

  /** Locks the partition's row. Its clock, or undefined when the row is not where this process left it: somebody else writes here. */
  async lock(client: PoolClient, partition: number, firstOffset: bigint): Promise<PartitionClock | undefined> {
    const { clusterId, topic, expected } = this.fenceOf(partition, firstOffset);
    const values = [clusterId, topic, partition];
    const { rows } = await client.query<{ next_offset: string; clock: PartitionClock | null }>({ ...lockPosition, values });
    const row = rows[0];
    if (row === undefined || BigInt(row.next_offset) !== expected) return undefined;
    return row.clock ?? unsetClock;
  }

  /** @param endedMs how long ago the log ended at the new position; undefined where it went on. */
  async advance(client: PoolClient, partition: number, nextOffset: bigint, clock: PartitionClock, endedMs?: number): Promise<void> {
    const values = [this.#clusterId, topics.presence, partition, nextOffset, clock.clockMs, JSON.stringify(clock), endedMs ?? null];
    await client.query({ ...advancePosition, values });
  }

  /** After the commit of `advance`. */
  moveTo(partition: number, position: bigint): void {
    this.#positions.moveTo(topics.presence, partition, position);
  }
}
