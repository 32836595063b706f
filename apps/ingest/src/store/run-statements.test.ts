import { sql } from '@milepost/database';
import { expect, it } from 'vitest';
import { runStatements } from './run-statements.js';

const upsert = sql('ingest/upsert-contacts');
const touch = sql('ingest/touch-contacts');

/** A connection on which each statement writes so many rows. */
function connection(rowCounts: Readonly<Record<string, number>>) {
  const ran: string[] = [];
  const query = ({ name }: { name: string }) => {
    ran.push(name);
    return Promise.resolve({ rowCount: rowCounts[name] ?? 0 });
  };
  return { ran, client: { query } as unknown as Parameters<typeof runStatements>[0] };
}
const both = [
  { statement: upsert, values: [[1, 2], [1, 1], [5, 5], [null, null], true] },
  {
    statement: touch,
    values: [
      [1, 2],
      [5, 5],
      [null, null],
    ],
    unlessBeforeWrote: 2,
  },
];

it('passes over what has nothing left to do after the statement before it', async () => {
  const { client, ran } = connection({ [upsert.name]: 2 });
  expect(await runStatements(client, both)).toBe(2);
  expect(ran).toEqual([upsert.name]);
});

it('runs it where the statement before it left something', async () => {
  const { client, ran } = connection({ [upsert.name]: 1 });
  expect(await runStatements(client, both)).toBe(1);
  expect(ran).toEqual([upsert.name, touch.name]);
});

it('passes over a statement without rows, and answers for the first one alone', async () => {
  const { client, ran } = connection({ [touch.name]: 7 });
  const empty = { statement: upsert, values: [[], [], [], [], true] };
  expect(await runStatements(client, [empty, { statement: touch, values: [[1], [5], [null]] }])).toBe(0);
  expect(ran).toEqual([touch.name]);
});
