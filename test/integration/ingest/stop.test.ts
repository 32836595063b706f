import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { ingestScope } from './ingest-scope.js';

const scope = useTestScope();

it('ends in order while a day past retention waits for who reads it', async () => {
  const ingest = await ingestScope(scope);
  await ingest.rows(`select ensure_partition('locations', current_date - 200)`);
  const reader = await ingest.database.owner.connect();
  await reader.query('begin');
  await reader.query('select from locations limit 1');
  try {
    const app = await ingest.start();
    await eventually(async () => {
      const detaching = `select count(*)::int from pg_stat_activity where query like '%detach partition%concurrently' and wait_event_type = 'Lock'`;
      if ((await ingest.scalar<number>(detaching)) !== 1) throw new Error('nothing waits for the reader yet');
    });
    expect(await app.stop()).toBe(0);
  } finally {
    await reader.query('rollback');
    reader.release();
  }
});

it('ends in order, and leaves its group, while what it stores waits for somebody’s lock', async () => {
  const ingest = await ingestScope(scope);
  const app = await ingest.start();
  const other = await ingest.database.owner.connect();
  await other.query('begin');
  await other.query('lock table locations in access exclusive mode');
  try {
    await ingest.send({ vehicle: 'locked', payload: { recordedAt: Date.now(), latitude: 51.5, longitude: 7.25 } });
    await eventually(async () => {
      const waiting = `select count(*)::int from pg_stat_activity where query like '%locations%' and wait_event_type = 'Lock'`;
      if ((await ingest.scalar<number>(waiting)) === 0) throw new Error('nothing waits for the lock yet');
    });
    expect(await app.stop()).toBe(0);
    const { askAdmin, physicalTopic } = ingest.topics.connection;
    const { groups } = await askAdmin((admin) => admin.describeGroups([physicalTopic('milepost-ingest')]));
    expect(groups[0]?.members).toEqual([]);
  } finally {
    await other.query('rollback');
    other.release();
  }
});
