import { createPool } from '@milepost/database';
import { createLogger } from '@milepost/runtime';
import { useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';

const scope = useTestScope();

it('survives that a connection ends after it was handed out, and before anybody listens to it', async () => {
  const database = await scope.database();
  const pool = createPool({
    url: database.urlFor('milepost_api'),
    app: 'pool-test',
    size: 2,
    logger: createLogger({ app: 'test', level: 'error' }),
  });
  scope.onEnd(() => pool.end());
  const client = await pool.connect();
  const ended = new Promise<void>((resolve) => void client.once('end', resolve));
  await database.owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'milepost-pool-test'`);
  await ended;
  await expect(client.query('select 1')).rejects.toThrow();
  client.release();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
