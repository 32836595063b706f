import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { topics } from '@milepost/contracts';
import type { Backing } from './backing.js';

/** Bytes on disk, a record or row: of one copy of the log, and of the history's table and its indexes. */
export interface Disk {
  kafka: number;
  heap: number;
  indexes: number;
}

/** Only while the usual records are all there is. */
export async function measureDisk({ owner, dataDir }: Backing, records: number): Promise<Disk> {
  const { rows } = await owner.query<{ heap: string; indexes: string }>(
    `select sum(pg_table_size(relid)) as heap, sum(pg_indexes_size(relid)) as indexes from pg_partition_tree('locations')`,
  );
  const perRecord = (bytes: string | number | undefined) => Number(bytes) / records;
  return { kafka: perRecord(logBytes(dataDir)), heap: perRecord(rows[0]?.heap), indexes: perRecord(rows[0]?.indexes) };
}

function logBytes(dataDir: string): number {
  const segments = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.includes(`${topics.location}-`) && path.endsWith('.log'),
  );
  return segments.reduce((sum, path) => sum + statSync(join(dataDir, path)).size, 0);
}
