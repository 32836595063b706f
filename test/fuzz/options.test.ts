import { UsageError } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { parseOptions } from './options.js';

test('both targets for 30 s each unless told otherwise, and the help before anything else', () => {
  expect(parseOptions([])).toMatchObject({ seconds: 30, target: 'both', port: undefined });
  expect(parseOptions(['--target', 'x', '--help'])).toBe('help');
});

test.each([[['--target', 'x']], [['--seconds', '-1']], [['--seconds', '1.5']], [['--nosuch']], [['foo']]])(
  '%j is a wrong command line',
  (args) => expect(() => parseOptions(args)).toThrow(UsageError),
);
