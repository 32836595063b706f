import { type AlertType, alertTypes, type PolicySettings, type PolicySource } from '@milepost/contracts';
import { conditionPolicyOf, defaultConditionSettings } from '../conditions/condition-policy.js';
import { defaultPolicy, type PresencePolicy } from './policy.js';

/** A policy among those that hold for a vehicle. */
export interface PolicyLayer {
  source: PolicySource;
  settings: PolicySettings;
}

type Setting = Exclude<keyof PolicySettings, 'severity'>;
type Complete = Required<Omit<PolicySettings, 'severity'>> & { severity: Record<AlertType, PresencePolicy['severity'][AlertType]> };

/** A policy with where each value comes from, by setting; severities one by one as `severity.offline`. */
export interface ResolvedPolicy {
  settings: Complete;
  sources: Record<string, PolicySource>;
}

const builtIn: Complete = {
  graceSeconds: defaultPolicy.graceMs / 1_000,
  nodeGraceSeconds: defaultPolicy.nodeGraceMs / 1_000,
  deadZoneGraceSeconds: defaultPolicy.deadZoneGraceMs / 1_000,
  silentAfterSeconds: defaultPolicy.silentAfterMs / 1_000,
  requiresWill: defaultPolicy.requiresWill,
  alertOnCleanDisconnect: defaultPolicy.alertOnCleanDisconnect,
  minimumOutageSeconds: defaultPolicy.minimumOutageMs / 1_000,
  renotifySeconds: defaultPolicy.renotifyMs / 1_000,
  maintenanceWindows: [...defaultPolicy.maintenanceWindows],
  ...defaultConditionSettings,
  severity: { ...defaultPolicy.severity },
};

/**
 * @param layers the narrowest last: what it says counts. The configuration says a value for each of its variables, set or not: one that is the
 * default is told as that.
 */
export function resolvePolicy(layers: readonly PolicyLayer[]): ResolvedPolicy {
  const settings: Complete = { ...builtIn, severity: { ...builtIn.severity } };
  const sources: Record<string, PolicySource> = {};
  const names = Object.keys(builtIn).filter((name): name is Setting => name !== 'severity');
  for (const name of [...names, ...alertTypes.map((type) => `severity.${type}`)]) sources[name] = { kind: 'default' };
  for (const { source, settings: said } of layers) {
    for (const name of names) {
      if (said[name] === undefined || (source.kind === 'configuration' && said[name] === builtIn[name])) continue;
      Object.assign(settings, { [name]: said[name] });
      sources[name] = source;
    }
    for (const type of alertTypes) {
      const severity = said.severity?.[type];
      if (severity === undefined) continue;
      settings.severity[type] = severity;
      sources[`severity.${type}`] = source;
    }
  }
  return { settings, sources };
}

/** As the machine takes it. */
export function presencePolicyOf({ settings }: ResolvedPolicy): PresencePolicy {
  return {
    ...defaultPolicy,
    graceMs: settings.graceSeconds * 1_000,
    nodeGraceMs: settings.nodeGraceSeconds * 1_000,
    deadZoneGraceMs: settings.deadZoneGraceSeconds * 1_000,
    silentAfterMs: settings.silentAfterSeconds * 1_000,
    requiresWill: settings.requiresWill,
    alertOnCleanDisconnect: settings.alertOnCleanDisconnect,
    minimumOutageMs: settings.minimumOutageSeconds * 1_000,
    renotifyMs: settings.renotifySeconds * 1_000,
    maintenanceWindows: settings.maintenanceWindows,
    severity: settings.severity,
    conditions: conditionPolicyOf(settings),
  };
}
