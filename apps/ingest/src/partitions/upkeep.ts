import type { Logger } from '@milepost/runtime';
import type { Pool } from 'pg';
import { forgetFacts } from '../condition-queue/forget-facts.js';
import { pruneOldDeadLetters } from '../dead-letters/prune.js';
import type { IngestMetrics } from '../metrics.js';
import { ensureDaysAround } from './daily-partitions.js';
import { retirePartitions } from './retention.js';

export interface UpkeepOptions {
  pool: Pool;
  /** Absent: the coming days are made, and nothing is dropped. */
  owner: Pool | undefined;
  retentionDays: number;
  deadLetterDays: number;
  conditionFactDays: number;
  logger: Logger;
  metrics: IngestMetrics;
}

type Step = 'make' | 'forget' | 'retire' | 'prune';

/**
 * What time asks for: the coming days made, the ones past retention dropped, old dead letters deleted, and what nobody judged. A step that fails keeps none of
 * the others from being done; the metrics say of each what came of it.
 * @throws the failed step's error, after the last step; an AggregateError of them, where more than one failed.
 */
export async function upkeep({
  pool,
  owner,
  retentionDays,
  deadLetterDays,
  conditionFactDays,
  logger,
  metrics,
}: UpkeepOptions): Promise<void> {
  const failures: unknown[] = [];
  /** How much a step did; 0 when another process does it, and when it failed. */
  const turn = async (step: Step, work: () => Promise<number | undefined>): Promise<number> => {
    const startedAt = performance.now();
    try {
      const done = await work();
      metrics.upkeepTurns.inc({ step, outcome: done === undefined ? 'elsewhere' : 'done' });
      if (done === undefined) return 0;
      metrics.upkeepSucceededAt.set({ step }, Date.now() / 1_000);
      metrics.upkeepSeconds.set({ step }, (performance.now() - startedAt) / 1_000);
      return done;
    } catch (error) {
      metrics.upkeepTurns.inc({ step, outcome: 'failed' });
      metrics.upkeepSeconds.set({ step }, (performance.now() - startedAt) / 1_000);
      failures.push(error);
      return 0;
    }
  };

  const made = await turn('make', () =>
    ensureDaysAround(pool, Date.now(), (table, count) => metrics.partitions.inc({ table, change: 'made' }, count)),
  );
  if (made > 0) logger.info({ event: 'ingest.partitions.made-ahead', made }, 'Partitions of the coming days were made');
  const forgotten = await turn('forget', () => forgetFacts(pool, Math.min(conditionFactDays, retentionDays)));
  metrics.factsForgotten.inc(forgotten);
  if (forgotten > 0)
    logger.error(
      { event: 'ingest.condition-facts.forgotten', forgotten, days: conditionFactDays },
      'No alerts process has judged what vehicles reported for days: it is forgotten, and opens no alert. Start alerts',
    );
  if (owner !== undefined) {
    await turn('retire', () => retirePartitions({ owner, retentionDays, logger, metrics }, Date.now()));
    const pruned = await turn('prune', () => pruneOldDeadLetters(owner, deadLetterDays));
    metrics.pruned.inc(pruned);
    if (pruned > 0) logger.info({ event: 'ingest.dead-letters.pruned', pruned }, 'Old dead letters were deleted');
  }
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} steps of upkeep failed`);
  if (failures.length > 0) throw failures[0];
}
