import { expect, it } from 'vitest';
import { connectionsPerProcess } from './open-files.js';

const limits = (hard: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 ${hard}                files\n`;

it('a process may have as many connections as its hard limit on files allows, and some less', () => {
  expect(connectionsPerProcess(limits('20000'))).toBe(19_500);
  expect(connectionsPerProcess(limits('unlimited'))).toBe(Number.POSITIVE_INFINITY);
});

it('this one may have some', () => {
  expect(connectionsPerProcess()).toBeGreaterThan(0);
});
