import { type BoundStatement, runTogether } from '@milepost/database';
import type { Pool } from 'pg';

/** As `runTogether`; passes over statements whose arrays have no element, which wrote 0 rows. */
export async function runStatements(pool: Pick<Pool, 'connect'>, statements: readonly BoundStatement[]): Promise<number[]> {
  const counts = await runTogether(
    pool,
    statements.filter((one) => !isIdle(one)),
  );
  return statements.map((one) => (isIdle(one) ? 0 : (counts.shift() ?? 0)));
}

function isIdle({ values: [first] }: BoundStatement): boolean {
  return Array.isArray(first) && first.length === 0;
}
