import { type PolicySettings, PolicySettingsSchema, windowWithoutTime } from '@milepost/contracts';
import { Value } from 'typebox/value';
import { CliError, exitCodes } from '../cli-error.js';
import { faultsOf } from './faults-of.js';

/** `graceSeconds=60`, `severity.offline=info`: the value is JSON, or a word. @throws CliError for what a policy cannot say. */
export function policySettings(assignments: readonly string[], base: unknown = {}): PolicySettings {
  if (typeof base !== 'object' || base === null || Array.isArray(base))
    throw new CliError('--file: it must hold settings like {"graceSeconds": 60}.', exitCodes.usage);
  const settings: Record<string, unknown> = { ...base };
  for (const assignment of assignments) {
    const [name, ...rest] = assignment.split('=');
    if (name === undefined || rest.length === 0) throw new CliError(`"${assignment}" is not like graceSeconds=60.`, exitCodes.usage);
    const value = jsonOrWord(rest.join('='));
    const [outer = '', inner] = name.split('.');
    settings[outer] = inner === undefined ? value : { ...(settings[outer] as object | undefined), [inner]: value };
  }
  if (Value.Check(PolicySettingsSchema, settings)) {
    const index = windowWithoutTime(settings);
    if (index === undefined) return settings;
    throw cannotSay([`${asTyped(['maintenanceWindows', String(index), 'to'])} must be later than from`]);
  }
  throw cannotSay(faultsOf(PolicySettingsSchema, settings, asTyped));
}

const cannotSay = (faults: readonly string[]) => new CliError(`A policy cannot say this: ${faults.join('; ')}.`, exitCodes.usage);

/** `severity.offline:` as it stands on the command line; what lies deeper is within the JSON that was given. */
function asTyped([outer = '', ...inner]: readonly string[]): string {
  const [first = ''] = inner;
  if (!/^\d+$/.test(first)) return `${[outer, ...inner].join('.')}:`;
  return `${[`${outer}, number ${Number(first) + 1}`, ...inner.slice(1)].join(', ')}:`;
}

function jsonOrWord(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
