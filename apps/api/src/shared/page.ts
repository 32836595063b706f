import Type from 'typebox';
import type { CursorFormat } from './cursor.js';

export const maxPageSize = 1_000;
const defaultPageSize = 100;

const limitOf = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: maxPageSize, default: defaultPageSize, description }));

/** Query parameters of every list. */
export const pageQuery = {
  limit: limitOf('Items a page'),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024, description: '`nextCursor` of the page before' })),
};

/** Of values of any size (what a vehicle names itself, also where an alert repeats it, and the bodies of events), counted as the most that they can be. */
export const maxPageBytes = 32 * 1024 * 1024;

/** Those of a list whose items have such values. */
export const pageQueryOfAnySize = {
  ...pageQuery,
  limit: limitOf('Items a page, at most: it ends earlier where they would be too long together, and `nextCursor` goes on behind the last'),
};

/** How many of the rows a page may show: up to `size`, and none that its statement found not to fit. */
export function roomFor(rows: readonly { fits?: boolean }[], size: number): number {
  const end = rows.findIndex(({ fits }) => fits === false);
  return end === -1 ? size : Math.min(size, end);
}

/** The same where the statement says how long each row is: the first always has room, whatever its length. */
export function roomWithin(rows: readonly { bytes: number }[], size: number, mostBytes = maxPageBytes): number {
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    bytes += row.bytes;
    return index > 0 && bytes > mostBytes;
  });
  return end === -1 ? size : Math.min(size, end);
}

export const pageSizeOf = (query: { limit?: number }): number => query.limit ?? defaultPageSize;

export interface Page<T> {
  items: T[];
  nextCursor?: string;
}

/** @param rows one more than the page holds, when there are so many: that one is not shown, it says that there is a next page. */
export function pageOf<Row, Item, Place>(
  rows: readonly Row[],
  size: number,
  { item, cursor, place }: { item(row: Row): Item; cursor: CursorFormat<Place>; place(row: Row): Place },
): Page<Item> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const items = shown.map(item);
  return rows.length > size && last !== undefined ? { items, nextCursor: cursor.write(place(last)) } : { items };
}
