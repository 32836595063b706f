import { expect, test } from 'vitest';
import { failedTests } from './failed-tests.mjs';

test('each failed test is told with its file and why, on a line of its own, and a file that could not be run', () => {
  const results = {
    testResults: [
      {
        name: '/here/a.test.ts',
        status: 'failed',
        message: '',
        assertionResults: [
          { status: 'passed', fullName: 'adds', failureMessages: [] },
          { status: 'failed', fullName: 'doors open', failureMessages: ['Error: closed\n    at door (a.ts:1)'] },
        ],
      },
      { name: '/here/b.test.ts', status: 'failed', message: 'Cannot find module\n  "c"', assertionResults: [] },
      { name: '/here/c.test.ts', status: 'passed', message: '', assertionResults: [] },
    ],
  };
  expect(failedTests(results, '/here/')).toEqual([
    'a.test.ts > doors open: Error: closed at door (a.ts:1)',
    'b.test.ts: Cannot find module "c"',
  ]);
});
