import { describe, expect, test } from 'vitest';
import { policySettings } from './policy-setting.js';

describe('settings of a policy on the command line', () => {
  test('are numbers, flags, words and severities', () => {
    expect(policySettings(['graceSeconds=60', 'requiresWill=true', 'severity.offline=info', 'severity.silent=critical'])).toEqual({
      graceSeconds: 60,
      requiresWill: true,
      severity: { offline: 'info', silent: 'critical' },
    });
  });

  test('come on top of those of a file', () => {
    expect(policySettings(['graceSeconds=60'], { graceSeconds: 5, renotifySeconds: 600 })).toEqual({
      graceSeconds: 60,
      renotifySeconds: 600,
    });
  });

  test.each([['grace=60'], ['graceSeconds=-1'], ['graceSeconds=soon'], ['severity.offline=loud'], ['graceSeconds']])(
    'refuse %s',
    (text) => {
      expect(() => policySettings([text])).toThrow(expect.objectContaining({ exitCode: 2 }));
    },
  );
});
