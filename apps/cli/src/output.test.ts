import { expect, it } from 'vitest';
import { table } from './output.js';

it('a table has columns as wide as their widest cell, of however many rows', () => {
  expect(table(['ID', 'STATE'], [['v-1', 'open'], ['v-20']])).toBe('ID    STATE\nv-1   open\nv-20');
  const rows = Array.from({ length: 200_000 }, (_, index) => [String(index), 'x']);
  expect(table(['N', 'X'], rows).endsWith('\n199999  x')).toBe(true);
});
