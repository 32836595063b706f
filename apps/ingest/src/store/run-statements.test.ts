import { sql } from '@milepost/database';
import { expect, it } from 'vitest';
import { runStatements } from './run-statements.js';

const upsert = sql('ingest/upsert-contacts');
const insert = sql('ingest/insert-status-reports');

interface Sent {
  submit(connection: unknown): void;
  handleCommandComplete(message: { text: string }): void;
  handleReadyForQuery(): void;
}

/** A pool of one connection, on which each statement writes seven rows. */
function poolThatWritesSeven() {
  const ran: string[] = [];
  const query = (sent: Sent) => {
    const before = ran.length;
    const nothing = () => undefined;
    const write = (bind: Buffer) => ran.push(statementOf(bind));
    sent.submit({ stream: { writable: true, cork: nothing, uncork: nothing, write }, parse: nothing, execute: nothing, sync: nothing });
    for (const _ of ran.slice(before)) sent.handleCommandComplete({ text: 'UPDATE 7' });
    sent.handleReadyForQuery();
  };
  const client = { query, on: () => undefined, off: () => undefined, release: () => undefined };
  return { ran, pool: { connect: async () => client } as unknown as Parameters<typeof runStatements>[0] };
}

/** Of a message Bind: behind its code, its length and the name of its portal, which is empty. */
function statementOf(bind: Buffer): string {
  return bind.toString('utf8', 6, bind.indexOf(0, 6));
}

it('passes over a statement without rows, and answers for each in its place', async () => {
  const { pool, ran } = poolThatWritesSeven();
  const empty = { statement: upsert, values: [[], [], [], [], true] };
  expect(
    await runStatements(pool, [empty, { statement: insert, values: [[1], [1], [5], ['online'], [null], [null], [7n], 3, 1] }]),
  ).toEqual([0, 7]);
  expect(ran).toEqual([`together:${insert.name}`]);
});
