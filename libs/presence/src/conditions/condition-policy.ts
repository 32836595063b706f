import type { ConditionType, PolicySettings } from '@milepost/contracts';

/** What of a policy decides about conditions. Times are in ms of the judging process, distances in metres, voltages in volts. */
export interface ConditionPolicy {
  off: ReadonlySet<ConditionType>;
  battery: { lowVolts: number; marginVolts: number; readings: number };
  geofence: { marginM: number; fixes: number; maxAccuracyM: number };
  dtcClearedMs: number;
  eventJoinMs: number;
  eventOpenMs: number;
  certificateWarningMs: number;
}

export type ConditionSettings = Required<
  Pick<
    PolicySettings,
    | 'conditionsOff'
    | 'batteryLowVolts'
    | 'batteryMarginVolts'
    | 'batteryReadings'
    | 'geofenceMarginM'
    | 'geofenceFixes'
    | 'geofenceMaxAccuracyM'
    | 'dtcClearedSeconds'
    | 'eventJoinSeconds'
    | 'eventOpenSeconds'
    | 'certificateWarningDays'
  >
>;

export const defaultConditionSettings: ConditionSettings = {
  conditionsOff: [],
  batteryLowVolts: 11.8,
  batteryMarginVolts: 0.4,
  batteryReadings: 3,
  geofenceMarginM: 25,
  geofenceFixes: 2,
  geofenceMaxAccuracyM: 100,
  dtcClearedSeconds: 60,
  eventJoinSeconds: 600,
  eventOpenSeconds: 86_400,
  certificateWarningDays: 30,
};

export const DAY_MS = 86_400_000;

export function conditionPolicyOf(settings: ConditionSettings): ConditionPolicy {
  return {
    off: new Set(settings.conditionsOff),
    battery: { lowVolts: settings.batteryLowVolts, marginVolts: settings.batteryMarginVolts, readings: settings.batteryReadings },
    geofence: { marginM: settings.geofenceMarginM, fixes: settings.geofenceFixes, maxAccuracyM: settings.geofenceMaxAccuracyM },
    dtcClearedMs: settings.dtcClearedSeconds * 1_000,
    eventJoinMs: settings.eventJoinSeconds * 1_000,
    eventOpenMs: settings.eventOpenSeconds * 1_000,
    certificateWarningMs: settings.certificateWarningDays * DAY_MS,
  };
}

export const defaultConditionPolicy = conditionPolicyOf(defaultConditionSettings);
