import { bound } from '@milepost/database';
import type { ClientBase } from 'pg';
import type { BoundStatement } from '../batch/topic-rows.js';

/** Runs statements in their order and passes over those that have nothing to do. Answers how many rows the first of them wrote. */
export async function runStatements(client: Pick<ClientBase, 'query'>, statements: readonly BoundStatement[]): Promise<number> {
  let ofFirst: number | undefined;
  let before: number | undefined;
  for (const { statement, values, unlessBeforeWrote } of statements) {
    const isIdle = isEmpty(values) || (unlessBeforeWrote !== undefined && before === unlessBeforeWrote);
    before = isIdle ? 0 : ((await client.query(bound(statement, values))).rowCount ?? 0);
    ofFirst ??= before;
  }
  return ofFirst ?? 0;
}

/** Of a statement over parallel arrays. */
function isEmpty([first]: readonly unknown[]): boolean {
  return Array.isArray(first) && first.length === 0;
}
