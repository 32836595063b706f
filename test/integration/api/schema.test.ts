import { schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { beforeAll, describe, expect, test } from 'vitest';

const scope = useTestScope();
const tables = Object.values(schema) as PgTable[];
let columns: { table_name: string; column_name: string; type: string; is_nullable: boolean; has_default: boolean }[];

beforeAll(async () => {
  const { owner } = await scope.database();
  ({ rows: columns } = await owner.query(`
    select c.relname as table_name,
           a.attname as column_name,
           format_type(a.atttypid, a.atttypmod) as type,
           not a.attnotnull as is_nullable,
           a.atthasdef or a.attidentity <> '' as has_default
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped`));
});

const byName = <T extends { column_name: string }>(list: T[]) => list.toSorted((a, b) => a.column_name.localeCompare(b.column_name));

describe('the drizzle schema', () => {
  test('has every table of the migrated database', () => {
    const names = [...new Set(columns.map(({ table_name }) => table_name))].toSorted();
    expect(tables.map((table) => getTableConfig(table).name).toSorted()).toEqual(names);
  });

  test.each(tables.map((table) => [getTableConfig(table).name, table] as const))('sees %s as the database has it', (name, table) => {
    const seen = getTableConfig(table).columns.map((column) => ({
      column_name: column.name,
      // Postgres writes the precision in the middle.
      type: column.getSQLType().replace(/^timestamp \(3\) with time zone$/, 'timestamp(3) with time zone'),
      is_nullable: !column.notNull,
      has_default: column.hasDefault || column.generatedIdentity !== undefined,
    }));
    const actual = columns.filter(({ table_name }) => table_name === name).map(({ table_name: _, ...column }) => column);
    expect(byName(seen)).toEqual(byName(actual));
  });
});
