import { UsageError } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { parseOptions } from './options.js';

test('the conformance broker listens on 1883 of loopback unless told otherwise', () => {
  expect(parseOptions([])).toMatchObject({ port: 1_883, host: '127.0.0.1', refuse: [], serverKeepAliveSeconds: 65_535 });
  expect(parseOptions(['--port', '0', '--ws-port', '0', '--refuse', 'a/#', '--refuse', 'b'])).toMatchObject({
    port: 0,
    wsPort: 0,
    refuse: ['a/#', 'b'],
  });
  expect(parseOptions(['--port', 'x', '--help'])).toBe('help');
});

test.each([
  [['--nosuch'], '--nosuch'],
  [['--port'], '--port'],
  [['--port', '70000'], '--port takes a whole number from 0 to 65535, not "70000"'],
  [['--port='], '--port takes a whole number'],
  [['--log-level', 'loud'], '--log-level takes trace, debug'],
  [['foo'], "'foo'"],
])('%j is a wrong command line, and the sentence says why', (args, message) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
  expect(() => parseOptions(args)).toThrow(message);
});
