import { packJson, sql } from '@milepost/database';
import { HISTORY_FORMAT, packBatch, type RecordedBatch } from '@milepost/presence';
import type { PoolClient } from 'pg';

const savePresenceBatch = sql('alerts/store/save-presence-batch');

/** A batch as its row has it. */
export async function batchColumns({ logTimeMs, ...batch }: RecordedBatch, previousId: number | undefined) {
  return { ...batch, logTimeMs: logTimeMs ?? null, format: HISTORY_FORMAT, content: await packJson(packBatch(batch, previousId)) };
}

/**
 * Keeps a batch as it was applied, for backtests.
 * @param previousId the row of the partition's batch before it: a replay must miss none.
 * @returns the number of its row.
 */
export async function saveBatch(client: PoolClient, batch: RecordedBatch, previousId: number | undefined): Promise<number> {
  const { partition, policyVersion, loaded, logTimeMs, clockMs, format, content } = await batchColumns(batch, previousId);
  const values = [partition, policyVersion, loaded, logTimeMs, clockMs, format, content];
  const { rows } = await client.query<{ id: number }>({ ...savePresenceBatch, values });
  const [row] = rows;
  if (row === undefined) throw new TypeError('An insert without a conflict returns its row');
  return row.id;
}
