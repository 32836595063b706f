import { advisoryLocks, sql } from '@milepost/database';
import type { Logger } from '@milepost/runtime';
import { escapeIdentifier, type Pool } from 'pg';
import { dayOf, type PartitionedTable } from '../batch/topic-rows.js';
import type { IngestMetrics } from '../metrics.js';
import { withAdvisoryLock } from '../store/with-advisory-lock.js';
import { dateOf } from './daily-partitions.js';

const retirablePartitions = sql('ingest/retirable-partitions');

/** The day that retention ends in is kept whole, and one more for clocks. */
const graceDays = 1;

interface Retirable {
  parent: PartitionedTable;
  name: string;
  state: 'attached' | 'detaching' | 'detached';
}

export interface RetentionOptions {
  /** As the tables' owner: the apps' role can neither detach nor drop. */
  owner: Pool;
  retentionDays: number;
  logger: Logger;
  metrics: IngestMetrics;
}

/**
 * Detaches and drops the partitions of days past retention, one process at a time. DETACH CONCURRENTLY never makes readers or writers wait,
 * and cannot run in a transaction: what a crash cut short (`detaching`, `detached`) is finished by the next turn. Answers how many went; undefined when another process is at it.
 */
export async function retirePartitions(
  { owner, retentionDays, logger, metrics }: RetentionOptions,
  nowMs: number,
): Promise<number | undefined> {
  const oldest = dateOf(dayOf(nowMs) - retentionDays - graceDays);
  return withAdvisoryLock(owner, advisoryLocks.partitionRetention, async (client) => {
    const { rows } = await client.query<Retirable>({ ...retirablePartitions, values: [oldest] });
    for (const { parent, name, state } of rows) {
      const child = escapeIdentifier(name);
      if (state === 'attached') await client.query(`alter table ${escapeIdentifier(parent)} detach partition ${child} concurrently`);
      if (state === 'detaching') await client.query(`alter table ${escapeIdentifier(parent)} detach partition ${child} finalize`);
      await client.query(`drop table ${child}`);
      metrics.partitions.inc({ table: parent, change: 'dropped' });
      logger.info({ event: 'ingest.partition.dropped', table: parent, partition: name, retentionDays }, 'A day past retention was dropped');
    }
    return rows.length;
  });
}
