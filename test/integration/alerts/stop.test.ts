import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { alertsScope } from './alerts-scope.js';

const scope = useTestScope();

it('ends in order, and leaves its group, while somebody has locked what it judges', async () => {
  const alerts = await alertsScope(scope);
  alerts.node('broker-a');
  const app = await alerts.start();
  const other = await alerts.database.owner.connect();
  await other.query('begin');
  await other.query('lock table condition_facts in access exclusive mode');
  try {
    await eventually(async () => {
      const waiting = `select from pg_stat_activity where query like '%condition_facts%' and wait_event_type = 'Lock'`;
      if ((await alerts.rows(waiting)).length === 0) throw new Error('nothing waits for the lock yet');
    });
    expect(await app.stop()).toBe(0);
    expect(app.logs.some(({ event }) => event === 'kafka.consumer.revoked')).toBe(true);
  } finally {
    await other.query('rollback');
    other.release();
  }
});
