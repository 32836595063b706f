import { databaseEnv } from '@milepost/database';
import { kafkaEnv } from '@milepost/kafka';
import { ConfigError, commonEnv, env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

export const configSchema = Type.Object({
  ...commonEnv,
  ...kafkaEnv,
  ...databaseEnv,
  DATABASE_MAINTENANCE_URL: Type.Optional(
    env.string({
      description:
        "Postgres connection string of the tables' owner, used to drop what is past retention and for nothing else; without it nothing is dropped",
      secret: true,
    }),
  ),
  RETENTION_DAYS: env.integer({
    default: 90,
    minimum: 1,
    maximum: 3_900,
    description: 'Days of history that are kept; older items are dead letters, older partitions are dropped',
  }),
  DEAD_LETTER_DAYS: env.integer({ default: 30, minimum: 1, maximum: 3_650, description: 'Days that dead letters are kept in Postgres' }),
  CONDITION_FACT_DAYS: env.integer({
    default: 7,
    minimum: 1,
    maximum: 3_650,
    description: 'Days that what vehicles reported waits to be judged while no alerts process runs, and no longer than RETENTION_DAYS',
  }),
  CLOCK_AHEAD_LIMIT_MS: env.integer({
    default: 120_000,
    minimum: 0,
    maximum: 86_400_000,
    description: "How far a vehicle's clock may be ahead of the receive time before its items are clock-suspect and never the latest",
  }),
  FIELD_MAPPINGS_FILE: Type.Optional(
    env.file({
      description: 'JSON file: vehicle id pattern → name as sent → our field, or { "field": …, "unit": "s" | "mps" | "mph" | … }',
    }),
  ),
  REGISTRY_POLICY: env.oneOf(['auto', 'pending', 'refuse'], {
    default: 'auto',
    description: 'What becomes of a vehicle id that is seen for the first time',
  }),
  OPERATOR_ORGANISATION: env.string({ default: 'default', description: 'Whose dead letters are those that belong to nobody' }),
  INGEST_BATCH_ROWS: env.integer({ default: 5_000, minimum: 1, maximum: 100_000, description: 'Rows of one transaction' }),
  INGEST_BATCH_BYTES: env.integer({
    default: 4 * 1024 * 1024,
    minimum: 1_024,
    maximum: 256 * 1024 * 1024,
    description: 'Unpacked bytes of one transaction',
  }),
  INGEST_SESSION_TIMEOUT_MS: env.integer({
    default: 15_000,
    minimum: 6_000,
    maximum: 300_000,
    description: 'How long a process may be silent before Kafka gives its partitions to another',
  }),
  INGEST_PARTITIONS_CONCURRENTLY: env.integer({
    default: 4,
    minimum: 1,
    maximum: 64,
    description:
      'Transactions that run at the same time, each over a connection of DATABASE_POOL_SIZE, and large batches that are in memory at the same time',
  }),
  INGEST_FETCH_PACE_MS: env.integer({
    default: 15,
    minimum: 0,
    maximum: 1_000,
    description:
      'Least time from one fetch that brought records to the next: what comes meanwhile shares a fetch and a transaction. It is more where writing takes little, up to 1.75 times as much, so that a record waits and is written in 13 ms in the middle. Larger: less CPU at low rates, rows later. 0: fetches are not spread, however long the writing takes',
  }),
  INGEST_FETCH_PACE_MAX_MS: env.integer({
    default: 100,
    minimum: 0,
    maximum: 1_000,
    description:
      'Most of it, so no less than INGEST_FETCH_PACE_MS: the longer writing takes, the longer the next fetch waits, up to this. A partition that has more in the log adds no wait of its own',
  }),
});

export type IngestConfig = Static<typeof configSchema>;

/** A longest pace below the least would be no pace at all. @throws ConfigError */
export function requireFetchPace({
  INGEST_FETCH_PACE_MS: least,
  INGEST_FETCH_PACE_MAX_MS: most,
}: Pick<IngestConfig, 'INGEST_FETCH_PACE_MS' | 'INGEST_FETCH_PACE_MAX_MS'>): void {
  if (most >= least) return;
  const message = `${most} is less than INGEST_FETCH_PACE_MS, which is ${least}. Set it to ${least} or more, or the other to less.`;
  throw new ConfigError([{ variable: 'INGEST_FETCH_PACE_MAX_MS', message }]);
}
