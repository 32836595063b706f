import type { Registry } from '@milepost/runtime';
import { Counter, Gauge, Histogram } from 'prom-client';

export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

/** No vehicle stands in a label: fleets are large, and so would be the metrics. */
export function createIngestMetrics(registry: Registry) {
  const registers = [registry];
  return {
    records: new Counter({
      name: 'milepost_ingest_records_total',
      help: 'Kafka records that are settled: stored, or dead letters',
      labelNames: ['topic'],
      registers,
    }),
    items: new Counter({
      name: 'milepost_ingest_items_total',
      help: 'Items by what became of them: stored, or duplicate (dropped by its key)',
      labelNames: ['topic', 'outcome'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'milepost_ingest_dead_letters_total',
      help: 'Records with at least one item that could not be stored',
      labelNames: ['topic'],
      registers,
    }),
    faults: new Counter({
      name: 'milepost_ingest_faults_total',
      help: 'Faults of dead letters by code',
      labelNames: ['topic', 'code'],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'milepost_ingest_batch_seconds',
      help: 'Time of a transaction that was committed, waits for Postgres included',
      labelNames: ['topic'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
      registers,
    }),
    transactions: new Counter({
      name: 'milepost_ingest_transactions_total',
      help: 'Transactions tried: alone (one partition), group (small batches of several, written), group-undone (then each alone)',
      labelNames: ['kind'],
      registers,
    }),
    lag: new Gauge({
      name: 'milepost_ingest_lag_records',
      help: 'Records in the log that are not stored yet, by the last fetch',
      labelNames: ['topic', 'partition'],
      registers,
    }),
    repositions: new Counter({
      name: 'milepost_ingest_repositions_total',
      help: 'Batches that were rolled back because the stored position was another one',
      labelNames: ['topic'],
      registers,
    }),
    belowLogStart: new Counter({
      name: 'milepost_ingest_offset_below_log_start_total',
      help: 'Positions that Kafka had already deleted: records are lost for Postgres',
      labelNames: ['topic'],
      registers,
    }),
    retries: new Counter({
      name: 'milepost_ingest_write_failures_total',
      help: 'Transactions that were rolled back by an error, by what is done about it',
      labelNames: ['kind'],
      registers,
    }),
    partitions: new Counter({
      name: 'milepost_ingest_partitions_total',
      help: 'Daily partitions made (ahead, and on demand) and dropped',
      labelNames: ['table', 'change'],
      registers,
    }),
    upkeepTurns: new Counter({
      name: 'milepost_ingest_upkeep_turns_total',
      help: 'Turns of upkeep by step (make, forget, retire, prune) and outcome: done, elsewhere (another process holds the lock), or failed',
      labelNames: ['step', 'outcome'],
      registers,
    }),
    upkeepSeconds: new Gauge({
      name: 'milepost_ingest_upkeep_last_duration_seconds',
      help: 'How long the last turn of a step took that this process did or failed in',
      labelNames: ['step'],
      registers,
    }),
    upkeepSucceededAt: new Gauge({
      name: 'milepost_ingest_upkeep_last_success_timestamp_seconds',
      help: 'When this process last did a step; of several processes the latest counts',
      labelNames: ['step'],
      registers,
    }),
    factsForgotten: new Counter({
      name: 'milepost_ingest_condition_facts_forgotten_total',
      help: 'Facts for conditions that no alerts process had judged for CONDITION_FACT_DAYS: they open no alert',
      registers,
    }),
    oldestFactSeconds: new Gauge({
      name: 'milepost_ingest_condition_facts_oldest_seconds',
      help: 'How long the oldest fact has waited for an alerts process, in the whole installation',
      registers,
    }),
    fencedOrganisations: new Gauge({
      name: 'milepost_ingest_fenced_organisations',
      help: 'Organisations with geofences, as this process last saw them: of others no fix is set aside',
      registers,
    }),
    latePartitions: new Gauge({
      name: 'milepost_ingest_late_partitions',
      help: 'Partitions of this process that are read more than 30 s after they were written',
      registers,
    }),
    freshPositions: new Counter({
      name: 'milepost_ingest_fresh_positions_total',
      help: "Latest positions that were taken from the log's end while a backlog was read",
      registers,
    }),
    pruned: new Counter({
      name: 'milepost_ingest_dead_letters_pruned_total',
      help: 'Dead letters deleted because they are old',
      registers,
    }),
    relayed: new Counter({
      name: 'milepost_ingest_dead_letters_relayed_total',
      help: 'Dead letters by what Kafka answered: stored or refused',
      labelNames: ['outcome'],
      registers,
    }),
  };
}
