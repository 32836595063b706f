import { sql } from '@milepost/database';
import type { Registry } from '@milepost/runtime';
import type { Pool } from 'pg';
import { Counter, Gauge, Histogram } from 'prom-client';

const waitingFacts = sql('conditions/waiting');

/** More are not counted: the figure then says "at least". */
const MAX_COUNTED = 100_000;

interface Waiting {
  waiting: number;
  oldestSeconds: number | null;
}

export type ConditionMetrics = ReturnType<typeof createConditionMetrics>;

export function createConditionMetrics(registry: Registry, pool: Pool) {
  const registers = [registry];
  // Both gauges of a scrape share one question: neither shows what the other was told a scrape ago.
  let asking: Promise<Waiting | undefined> | undefined;
  const ask = () => {
    // While Postgres is away the last figures stand, and the other metrics are not lost with these.
    asking ??= pool
      .query<Waiting>({ ...waitingFacts, values: [MAX_COUNTED] })
      .then(({ rows }) => rows[0])
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  new Gauge({
    name: 'milepost_alerts_condition_facts_oldest_seconds',
    help: 'How long the oldest fact has waited to be judged, in the whole installation',
    registers,
    async collect() {
      const asked = await ask();
      if (asked !== undefined) this.set(asked.oldestSeconds ?? 0);
    },
  });
  new Gauge({
    name: 'milepost_alerts_condition_facts_waiting',
    help: `Facts of vehicles that wait to be judged, in the whole installation; more than ${MAX_COUNTED} are not counted`,
    registers,
    async collect() {
      const asked = await ask();
      if (asked !== undefined) this.set(asked.waiting);
    },
  });
  return {
    passedOver: new Counter({
      name: 'milepost_alerts_condition_facts_passed_over_total',
      help: 'Facts that could not be judged for a reason that is in them',
      registers,
    }),
    facts: new Counter({
      name: 'milepost_alerts_condition_facts_total',
      help: 'Facts of vehicles judged',
      labelNames: ['kind'],
      registers,
    }),
    late: new Counter({
      name: 'milepost_alerts_condition_facts_late_total',
      help: 'Fixes and readings that came behind so many newer ones that they no longer matter',
      registers,
    }),
    seconds: new Histogram({
      name: 'milepost_alerts_condition_seconds',
      help: 'From the receipt of a message by the broker to the judgement of what it says',
      buckets: [0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 600],
      registers,
    }),
  };
}
