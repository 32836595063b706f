import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.js';
import { readPolicyFile } from './policy-file.js';

describe('a policy file', () => {
  it('says settings of an organisation, or a list of policies', () => {
    expect(readPolicyFile('p.json', '{"graceSeconds": 60}')).toEqual({ kind: 'settings', settings: { graceSeconds: 60 } });
    const policies = [{ organisation: 'acme', group: 'tunnel', priority: 1, settings: { graceSeconds: 60 } }];
    expect(readPolicyFile('p.json', JSON.stringify({ policies }))).toEqual({ kind: 'policies', policies });
  });

  it.each([
    ['{"graceSeconds": ', /^p\.json is not JSON/],
    ['{"graceSeconds": -1}', /^p\.json: \/graceSeconds must be >= 0/],
    ['{"grace": 60}', /^p\.json: \/grace is nothing that a policy says/],
    ['{"policies": [{"settings": {"graceSeconds": "60"}}]}', /^p\.json: \/policies\/0\/settings\/graceSeconds must be integer/],
    ['{"policies": [{"group": "g", "vehicleId": "v", "settings": {}}]}', /^p\.json: \/policies\/0 names a group and a vehicle/],
    [
      '{"maintenanceWindows": [{"from": "2026-03-01T12:00:00Z", "to": "2026-03-01T11:00:00Z"}]}',
      /^p\.json: \/maintenanceWindows\/0\/to must be later than from/,
    ],
    [
      '{"policies": [{"settings": {"maintenanceWindows": [{"from": "2026-03-01T12:00:00Z", "to": "2026-03-01T11:00:00Z"}]}}]}',
      /^p\.json: \/policies\/0\/settings\/maintenanceWindows\/0\/to must be later than from/,
    ],
    ['[]', /^p\.json: \/ must be object/],
  ])('that is wrong, like %s, is refused with what, where and why', (text, message) => {
    expect(() => readPolicyFile('p.json', text)).toThrow(message);
    expect(() => readPolicyFile('p.json', text)).toThrow(CliError);
  });
});
