import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runVitest } from './run-vitest.mjs';

test.each([
  ['--nosuch', 1],
  ['--help', 0],
])('vitest %s, which runs no test, ends as vitest does and counts nothing of an earlier run', (option, status) => {
  const folder = mkdtempSync(join(tmpdir(), 'milepost-run-vitest-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const report = join(folder, 'results.json');
  writeFileSync(report, JSON.stringify({ numPassedTests: 1 }));
  expect(runVitest([option], report, 'ignore')).toEqual({ status, counts: undefined });
});
