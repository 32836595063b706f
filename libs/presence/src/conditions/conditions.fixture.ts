import type { ConditionFact } from '@milepost/contracts';
import type { Policies } from '../policy/policies.js';
import { fixedPolicy } from '../policy/policies.js';
import { defaultPolicy, type PresencePolicy } from '../policy/policy.js';
import { type ConditionSettings, conditionPolicyOf, defaultConditionSettings } from './condition-policy.js';
import type { Geofence } from './geofence.js';
import { type JudgedConditions, judgeConditions, type PlacedFact } from './judge-conditions.js';
import { noConditions, type VehicleConditions } from './vehicle-conditions.js';

export const subject = { vehicle: 1, vehicleId: 'truck-1', organisationId: 1 };
export const T0 = Date.parse('2026-11-20T08:00:00Z');

/** About 1.1 km from south to north. */
export const yard: Geofence = {
  id: 'yard',
  name: 'Yard',
  shape: {
    type: 'Polygon',
    coordinates: [
      [
        [7.0, 51.0],
        [7.02, 51.0],
        [7.02, 51.01],
        [7.0, 51.01],
        [7.0, 51.0],
      ],
    ],
  },
  alertOn: 'both',
  sinceMs: T0,
};
export const depot: Geofence = {
  id: 'depot',
  name: 'Depot',
  shape: { type: 'Circle', center: { latitude: 51.1, longitude: 7 }, radiusM: 300 },
  alertOn: 'exit',
  sinceMs: T0,
};

export const inYard = { latitude: 51.005, longitude: 7.01 };
export const inDepot = { latitude: 51.1, longitude: 7 };
export const onTheRoad = { latitude: 51.05, longitude: 7.01 };

/** At a second of the day, received a second later unless said otherwise. */
export function at(second: number, fact: ConditionFact, { identity = '0', receivedAtMs = T0 + second * 1_000 + 1_000 } = {}): PlacedFact {
  return { fact, recordedAtMs: T0 + second * 1_000, identity, receivedAtMs };
}
export const fix = (second: number, position: { latitude: number; longitude: number; accuracyM?: number }) =>
  at(second, { kind: 'fix', ...position });
export const volts = (second: number, value: number) => at(second, { kind: 'report', volts: value });
export const dtc = (second: number, status: 'active' | 'pending' | 'cleared' | 'permanent', code = 'P0420') =>
  at(second, { kind: 'report', dtcs: [{ code, status }] });

export const policyWith = (settings: Partial<ConditionSettings> = {}, more: Partial<PresencePolicy> = {}): PresencePolicy => ({
  ...defaultPolicy,
  ...more,
  conditions: conditionPolicyOf({ ...defaultConditionSettings, ...settings }),
});

/** A vehicle that is told facts, batch by batch, at a time of the judging process. */
export class JudgedVehicle {
  state: VehicleConditions = noConditions;
  fences: readonly Geofence[];
  policies: Policies;
  readonly effects: JudgedConditions['effects'] = [];
  late = 0;

  constructor({ fences = [yard, depot], policy = policyWith() }: { fences?: readonly Geofence[]; policy?: PresencePolicy } = {}) {
    this.fences = fences;
    this.policies = fixedPolicy(policy);
  }

  judge(
    facts: readonly PlacedFact[],
    nowMs = Math.max(T0, ...facts.map(({ receivedAtMs }) => receivedAtMs)) + 200,
  ): JudgedConditions['effects'] {
    const { fences, policies } = this;
    const judged = judgeConditions(subject, this.state, facts, { policies, fences, nowMs });
    // What is stored is JSON.
    this.state = JSON.parse(JSON.stringify(judged.state)) as VehicleConditions;
    this.late += judged.late;
    this.effects.push(...judged.effects);
    return judged.effects;
  }

  /** What the open alerts say of when the vehicle noticed, by type and key. */
  get recordedAt(): Record<string, string | undefined> {
    const said: Record<string, string | undefined> = {};
    for (const effect of this.effects) {
      if (effect.kind === 'tell_alert') continue;
      const name = `${effect.type}/${effect.key ?? ''}`;
      if (effect.kind === 'resolve_alert') delete said[name];
      else said[name] = effect.condition?.recordedAt;
    }
    return said;
  }

  get open(): string[] {
    return this.state.open.map(({ type, key }) => (key === '' ? type : `${type}/${key}`)).sort();
  }
}

export const steps = (effects: JudgedConditions['effects']): string[] => effects.map(({ kind, type }) => `${kind} ${type}`);
