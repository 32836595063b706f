import { expect, test } from 'vitest';
import { allocateWith, findJemalloc } from './jemalloc.js';

test('is found where distributions put it, and nowhere else', () => {
  expect(findJemalloc((path) => path === '/usr/lib64/libjemalloc.so.2')).toBe('/usr/lib64/libjemalloc.so.2');
  expect(findJemalloc(() => false)).toBeUndefined();
});

test('what the user preloads stays', () => {
  expect(allocateWith('/usr/lib/libjemalloc.so.2', '')).toEqual({ LD_PRELOAD: '/usr/lib/libjemalloc.so.2' });
  expect(allocateWith('/usr/lib/libjemalloc.so.2', '/opt/own.so')).toEqual({ LD_PRELOAD: '/opt/own.so:/usr/lib/libjemalloc.so.2' });
});
