import { readFileSync } from 'node:fs';
import { type ArrayType, arrayParameter } from './array-parameter.js';

/** A statement from `libs/database/sql`, prepared under its path on each connection that runs it. */
export interface Statement {
  name: string;
  text: string;
  /** Parameters that the text casts to an array (`$1::integer[]`), by their number less one: `bound` writes these in binary. */
  arrays: ReadonlyMap<number, ArrayType>;
}

/** Postgres cuts names of prepared statements at 63 bytes: two long ones must not meet, nor with the prefix of `runTogether`. */
const maxPathLength = 50;

const arrayCast = /\$(\d+)::(boolean|integer|bigint|double precision|text|bytea)\[\]/g;

/**
 * Loads `sql/{path}.sql`: one statement a file, read once when a module is loaded.
 * @throws when there is no such file, which is a bug.
 */
export function sql(path: string): Statement {
  const text = readFileSync(new URL(`../../sql/${path}.sql`, import.meta.url), 'utf8');
  if (path.length > maxPathLength) throw new Error(`The statement's path ${path} is longer than ${String(maxPathLength)} characters`);
  const arrays = new Map([...text.matchAll(arrayCast)].map(([, number, type]) => [Number(number) - 1, type as ArrayType]));
  return { name: path, text, arrays };
}

/**
 * The values of a statement, each array that it casts as long as the first: a single value there stands for every row.
 */
export function columns({ arrays }: Statement, values: readonly unknown[]): unknown[] {
  const first = values.find(Array.isArray);
  const rows = first?.length ?? 0;
  return values.map((value, index) => (arrays.has(index) && !Array.isArray(value) ? Array.from({ length: rows }, () => value) : value));
}

/** A statement with its values (see `columns`), ready for `query`: for those whose arrays are long. */
export function bound(statement: Statement, values: readonly unknown[]): { name: string; text: string; values: unknown[] } {
  const { name, text, arrays } = statement;
  return {
    name,
    text,
    values: columns(statement, values).map((value, index) => {
      const type = arrays.get(index);
      return type !== undefined && Array.isArray(value) ? arrayParameter(type, value) : value;
    }),
  };
}
