import { createPool, type Pool } from '@milepost/database';
import type { Logger } from '@milepost/runtime';
import type { IngestConfig } from './config.js';

const statementTimeoutMs = 20_000;
const maintenanceTimeoutMs = 600_000;

export interface Pools {
  pool: Pool;
  /** Of the tables' owner, who alone may drop partitions and delete old dead letters; absent: nobody does here. */
  owner: Pool | undefined;
}

export function createPools(config: IngestConfig, logger: Logger): Pools {
  const pool = createPool({ url: config.DATABASE_URL, app: 'ingest', size: config.DATABASE_POOL_SIZE, logger, statementTimeoutMs });
  const url = config.DATABASE_MAINTENANCE_URL;
  if (url !== undefined)
    return { pool, owner: createPool({ url, app: 'ingest-upkeep', size: 1, logger, statementTimeoutMs: maintenanceTimeoutMs }) };
  logger.warn({ event: 'ingest.retention.off' }, 'DATABASE_MAINTENANCE_URL is not set: this process drops nothing that is past retention');
  return { pool, owner: undefined };
}
