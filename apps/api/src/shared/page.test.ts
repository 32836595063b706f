import { describe, expect, test } from 'vitest';
import { cursorFormat } from './cursor.js';
import { pageOf, pageSizeOf } from './page.js';

const cursor = cursorFormat('numbers', { n: 'integer' });
const page = (rows: number[], size: number) => pageOf(rows, size, { item: (n) => `#${n}`, cursor, place: (n) => ({ n }) });

describe('a page', () => {
  test('has a next one when there is a row more than it shows', () => {
    expect(page([1, 2, 3], 2)).toEqual({ items: ['#1', '#2'], nextCursor: cursor.write({ n: 2 }) });
  });

  test('is the last one otherwise', () => {
    expect(page([1, 2], 2)).toEqual({ items: ['#1', '#2'] });
    expect(page([], 2)).toEqual({ items: [] });
  });

  test('has 100 items unless told otherwise', () => {
    expect([pageSizeOf({}), pageSizeOf({ limit: 7 })]).toEqual([100, 7]);
  });
});
