import { createPool, recordPartitions } from '@milepost/database';
import { createLogger } from '@milepost/runtime';
import { useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { readPresenceClocks } from '../../../apps/canary/src/heartbeat-store.js';
import { faultsOf } from '../../../apps/canary/src/pipeline-check.js';

const scope = useTestScope();

it('a partition that is judged up to now is well, however far outages have left its clock behind', async () => {
  const database = await scope.database();
  const { owner } = database;
  await recordPartitions(owner, new Map([['fleet.presence', 2]]));
  const pool = createPool({
    url: database.urlFor('milepost_canary'),
    app: 'canary',
    size: 1,
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  scope.onEnd(() => pool.end());
  // As alerts stores them: an hour of outages, of which the clock knows nothing.
  await owner.query(
    `insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset, clock_at, clock)
     select 'alerts', 'c', 'fleet.presence', 0, 1, now() - interval '1 hour',
            jsonb_build_object('writers', '{}'::jsonb, 'logTimeMs', extract(epoch from now()) * 1000, 'clockMs', extract(epoch from now() - interval '1 hour') * 1000)`,
  );
  const clocks = await readPresenceClocks(pool);
  const nowMs = Date.now();
  const state = { nowMs, loopAgeMs: 0, clocksBefore: undefined };
  expect(clocks).toEqual([{ logTimeMs: expect.any(Number), clockMs: expect.any(Number) }, undefined]);
  expect((clocks[0]?.logTimeMs ?? 0) - (clocks[0]?.clockMs ?? 0)).toBeCloseTo(3_600_000, -1);
  expect(faultsOf({ ...state, clocks }, 30_000)).toEqual(['alerts has judged nothing of presence partition 1']);
});
