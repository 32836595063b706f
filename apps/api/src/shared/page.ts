import Type from 'typebox';
import type { CursorFormat } from './cursor.js';

export const maxPageSize = 1_000;
const defaultPageSize = 100;

/** Query parameters of every list. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxPageSize, default: defaultPageSize, description: 'Items a page' })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024, description: '`nextCursor` of the page before' })),
};

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
