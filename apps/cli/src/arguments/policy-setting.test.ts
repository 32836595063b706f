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

  test.each([
    ['grace=60', 'A policy cannot say this: grace: is not known here; check its spelling.'],
    ['severity.offline=loud', ': severity.offline: must be one of'],
    ['severity=loud', ': severity: must be object'],
    ['graceSeconds=soon', ': graceSeconds: must be integer.'],
    [
      'maintenanceWindows=[{"weekdays":["monday"],"start":"25:00","durationMinutes":60,"timeZone":"Mars/X"}]',
      'maintenanceWindows, number 1, start: must be a time of day like 22:00, at most 23:59; maintenanceWindows, number 1, timeZone: is no IANA time zone',
    ],
  ])('refuse %s and say why', (text, why) => {
    expect(() => policySettings([text])).toThrow(why);
  });

  test.each([[[]], ['graceSeconds'], [null]])('refuse a file that holds %j', (content) => {
    expect(() => policySettings(['graceSeconds=60'], content)).toThrow('--file: it must hold settings');
  });

  test.each([['grace=60'], ['graceSeconds=-1'], ['graceSeconds=soon'], ['severity.offline=loud'], ['graceSeconds']])(
    'refuse %s',
    (text) => {
      expect(() => policySettings([text])).toThrow(expect.objectContaining({ exitCode: 2 }));
    },
  );
});
