import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase } from '@milepost/test-support';
import { expect, it } from 'vitest';

/** Longer than Postgres waits for a connection that it has told to end. */
const LATE_MS = 6_000;

// A Postgres that was given may run elsewhere: its processes are not ours to stop.
it.skipIf(Boolean(process.env.DATABASE_URL))('a test database goes away though a connection to it ends late', async () => {
  const [database, other] = [await createTestDatabase(), await createTestDatabase()];
  try {
    const connection = await database.owner.connect();
    connection.on('error', () => undefined);
    const { rows } = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = rows[0]?.pid ?? 0;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, 'SIGSTOP');
    const goesOn = delay(LATE_MS).then(() => process.kill(pid, 'SIGCONT'));
    connection.release(true);
    await database.drop();
    await goesOn;
    expect((await other.owner.query('select 1 from pg_database where datname = $1', [database.name])).rows).toEqual([]);
  } finally {
    await other.drop();
  }
});
