import { createMetrics } from '@milepost/runtime';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { createConditionMetrics } from './condition-metrics.js';

/** Both gauges by one scrape each, where Postgres answers so, one after the other. */
async function scrapes(answers: ({ waiting: number; oldestSeconds: number | null } | Error)[]) {
  const registry = createMetrics('test');
  let asked = 0;
  const query = async () => {
    const answer = answers[asked++];
    if (answer instanceof Error) throw answer;
    return { rows: [answer] };
  };
  createConditionMetrics(registry, { query } as unknown as Pool);
  const seen: unknown[] = [];
  for (const _ of answers) {
    const metrics = await registry.getMetricsAsJSON();
    const figureOf = (name: string) => metrics.find((metric) => metric.name === name)?.values[0]?.value;
    seen.push([figureOf('milepost_alerts_condition_facts_waiting'), figureOf('milepost_alerts_condition_facts_oldest_seconds')]);
  }
  return { seen, asked };
}

test('a scrape says how much waits and for how long, by one question', async () => {
  const { seen, asked } = await scrapes([
    { waiting: 3, oldestSeconds: 12 },
    { waiting: 0, oldestSeconds: null },
  ]);
  expect(seen).toEqual([
    [3, 12],
    [0, 0],
  ]);
  expect(asked).toBe(2);
});

test('while Postgres is away the last figures stand', async () => {
  const { seen } = await scrapes([{ waiting: 3, oldestSeconds: 12 }, new Error('away')]);
  expect(seen[1]).toEqual([3, 12]);
});
