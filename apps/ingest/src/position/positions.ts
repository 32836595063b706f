import { AppStopped, ConsumerPositions } from '@milepost/database';
import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import type { IngestMetrics } from '../metrics.js';

export interface PositionsOptions {
  pool: Pool;
  clusterId: string;
  logger: Logger;
  metrics: IngestMetrics;
}

/** Where each partition of ingest's topics goes on. */
export function ingestPositions({ metrics, ...options }: PositionsOptions): ConsumerPositions {
  return new ConsumerPositions({ ...options, consumer: 'ingest', onBelowLogStart: (topic) => metrics.belowLogStart.inc({ topic }) });
}

/** @throws AppStopped when the database was filled from another Kafka. */
export async function refuseForeignCluster(positions: ConsumerPositions): Promise<void> {
  const problem = await positions.foreignClusterProblem(
    'the new log is then read from its start, and what is stored already is not stored again',
  );
  if (problem !== undefined) throw new AppStopped('foreign_cluster', problem);
}
