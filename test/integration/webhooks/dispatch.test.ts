import { sql } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';

const scope = useTestScope();

test.each(['force_custom_plan', 'force_generic_plan'])(
  'one batch of the dispatch has one number in the feed, whatever the plan (%s)',
  async (mode) => {
    const { owner } = await scope.database();
    const client = await owner.connect();
    try {
      await client.query(`set plan_cache_mode = ${mode}`);
      await client.query(
        `insert into outbox (organisation_id, type, subject, record_key, body) select 1, 'alert.opened', uuidv7(), 'v', '{}' from generate_series(1, 1000)`,
      );
      for (let batch = 0; batch < 2; batch += 1) await client.query({ ...sql('webhooks/dispatch-events'), values: [500, 0] });
      const { rows } = await client.query('select dispatch_batch::int as batch, count(*)::int as events from outbox group by 1 order by 1');
      expect(rows).toEqual([
        { batch: 1, events: 500 },
        { batch: 2, events: 500 },
      ]);
    } finally {
      client.release();
    }
  },
);
