import { type BoundStatement, createPool, runTogether, type Statement } from '@milepost/database';
import { createLogger } from '@milepost/runtime';
import { useTestScope } from '@milepost/test-support';
import type { Pool } from 'pg';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

const scope = useTestScope();
let pool: Pool;

beforeAll(async () => {
  const database = await scope.database();
  // One connection: what one transaction leaves behind on it, the next one meets.
  pool = createPool({ url: database.ownerUrl, app: 'test', size: 1, logger: createLogger({ app: 'test', level: 'silent' }) });
  scope.onEnd(() => pool.end());
  await pool.query('create table counted (n integer primary key, check (n < 100))');
  await pool.query('create table deferred (n integer unique deferrable initially deferred)');
});

beforeEach(() => pool.query('truncate counted, deferred'));

const statement = (name: string, text: string, ...arrays: number[]): Statement => ({
  name,
  text,
  arrays: new Map(arrays.map((place) => [place, 'integer'])),
});
const insert = statement('insert', 'insert into counted select * from unnest($1::integer[]) on conflict do nothing', 0);
const insertDeferred = statement('insert-deferred', 'insert into deferred values ($1::integer)');
const counted = async () => (await pool.query<{ n: number }>('select n from counted order by n')).rows.map(({ n }) => n);
const backend = async () => (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
const rows = (...numbers: number[]): BoundStatement => ({ statement: insert, values: [numbers] });

it('runs the statements in their order, and says what each wrote', async () => {
  const both = [rows(1, 2), rows(2, 3), { statement: statement('answer', 'select n from counted where n > $1'), values: [1n] }];
  expect(await runTogether(pool, both)).toEqual([2, 1, 2]);
  expect(await runTogether(pool, both)).toEqual([0, 0, 2]);
  expect(await counted()).toEqual([1, 2, 3]);
});

describe('writes all or nothing', () => {
  it('when a statement in the middle fails', async () => {
    await runTogether(pool, [rows(1)]);
    await expect(runTogether(pool, [rows(5), rows(100), rows(6)])).rejects.toMatchObject({ code: '23514' });
    expect(await counted()).toEqual([1]);
    expect(await runTogether(pool, [rows(7)])).toEqual([1]);
  });

  it('when the commit fails', async () => {
    const twice = { statement: insertDeferred, values: [1] };
    await expect(runTogether(pool, [rows(5), twice, twice])).rejects.toMatchObject({ code: '23505' });
    expect(await counted()).toEqual([]);
  });

  it('when a statement that is met for the first time is wrong, and does not forget that the others are prepared', async () => {
    const wrong = { statement: statement('wrong', 'select from nowhere'), values: [] };
    await expect(runTogether(pool, [rows(5), wrong])).rejects.toMatchObject({ code: '42P01' });
    expect(await runTogether(pool, [rows(5)])).toEqual([1]);
    await expect(runTogether(pool, [wrong])).rejects.toMatchObject({ code: '42P01' });
    expect(await counted()).toEqual([5]);
  });

  it('when the server ends the connection between them', async () => {
    const end = { statement: statement('end', 'select pg_terminate_backend(pg_backend_pid())'), values: [] };
    await expect(runTogether(pool, [rows(5), end, rows(6)])).rejects.toThrow();
    expect(await runTogether(pool, [rows(7)])).toEqual([1]);
    expect(await counted()).toEqual([7]);
  });
});

it('keeps a connection on which everything was prepared, whatever its statements came to', async () => {
  await runTogether(pool, [rows(1)]);
  const before = await backend();
  await expect(runTogether(pool, [rows(100)])).rejects.toMatchObject({ code: '23514' });
  expect(await backend()).toBe(before);
});

it('shares a connection with ordinary queries of the same statement', async () => {
  await runTogether(pool, [rows(1)]);
  const { rowCount } = await pool.query({ name: insert.name, text: insert.text, values: [[2]] });
  expect(rowCount).toBe(1);
  expect(await runTogether(pool, [rows(2, 3)])).toEqual([1]);
});

it('refuses a value that it cannot write before anything is sent', async () => {
  const list = { statement: statement('list', 'select $1::date[]'), values: [[new Date()]] };
  await expect(runTogether(pool, [rows(5), list])).rejects.toThrow(TypeError);
  expect(await counted()).toEqual([]);
});
