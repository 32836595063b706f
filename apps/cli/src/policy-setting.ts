import { type PolicySettings, PolicySettingsSchema, windowWithoutTime } from '@milepost/contracts';
import { Value } from 'typebox/value';
import { CliError, exitCodes } from './cli-error.js';
import { faultsOf } from './faults-of.js';

/** `graceSeconds=60`, `severity.offline=info`: the value is JSON, or a word. @throws CliError for what a policy cannot say. */
export function policySettings(assignments: readonly string[], base: unknown = {}): PolicySettings {
  const settings = structuredClone(base) as Record<string, unknown>;
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
    throw new CliError(`A policy cannot say this: /maintenanceWindows/${index}/to must be later than from.`, exitCodes.usage);
  }
  throw new CliError(`A policy cannot say this: ${faultsOf(PolicySettingsSchema, settings).join('; ')}.`, exitCodes.usage);
}

function jsonOrWord(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
