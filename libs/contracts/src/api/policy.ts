import Type, { type Static, type TSchema } from 'typebox';
import { timeOfDayPattern } from '../time-of-day.js';
import { type AlertType, alertSeverities, alertTypes, conditionTypes } from './alert.js';
import { instant, optional, saidInstant, text } from './fields.js';

const daySeconds = 86_400;
const seconds = (minimum: number, maximum: number, description: string) => Type.Integer({ minimum, maximum, description });
const flag = (description: string) => Type.Boolean({ description });
const severity = Type.Enum([...alertSeverities]);
const perType = <T extends TSchema>(value: T) => Object.fromEntries(alertTypes.map((type) => [type, value])) as Record<AlertType, T>;

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

export const MaintenanceWindowSchema = Type.Union([
  Type.Object({ from: saidInstant(), to: saidInstant() }, { additionalProperties: false }),
  Type.Object(
    {
      weekdays: Type.Array(Type.Enum([...weekdays]), { minItems: 1, uniqueItems: true, description: 'On which it begins' }),
      start: Type.String({ format: 'time-of-day', pattern: timeOfDayPattern, description: 'Local time, HH:MM' }),
      durationMinutes: Type.Integer({ minimum: 1, maximum: 1_440 }),
      timeZone: Type.String({ format: 'time-zone', minLength: 1, maxLength: 64, description: 'IANA name, like Europe/Berlin' }),
    },
    { additionalProperties: false },
  ),
]);
export type MaintenanceWindow = Static<typeof MaintenanceWindowSchema>;

/** What a policy may say; what it does not say comes from the next wider one. Graces are counted in time of the partition's clock. */
export const PolicySettingsSchema = Type.Object(
  {
    graceSeconds: optional(seconds(0, daySeconds, 'From the loss of contact to the alert')),
    nodeGraceSeconds: optional(seconds(0, daySeconds, 'The same where the broker went away, not the vehicle')),
    deadZoneGraceSeconds: optional(
      seconds(0, daySeconds, 'The same where others lost contact within 500 m lately, when it is longer; 0: no difference'),
    ),
    silentAfterSeconds: optional(seconds(1, 7 * daySeconds, 'Connected without a message for longer: a silent alert')),
    requiresWill: optional(flag('Judge only vehicles that announced a will')),
    alertOnCleanDisconnect: optional(flag('A clean DISCONNECT is a loss like any other')),
    minimumOutageSeconds: optional(seconds(0, daySeconds, 'An offline or silent alert is not told before it has lasted so long')),
    renotifySeconds: optional(seconds(0, 7 * daySeconds, 'Told again so often while nobody acknowledges it; 0: never')),
    conditionsOff: optional(
      Type.Array(Type.Enum([...conditionTypes]), { uniqueItems: true, description: 'Conditions that open no alerts' }),
    ),
    batteryLowVolts: optional(
      Type.Number({ minimum: 1, maximum: 1_000, description: 'Below it the battery is low; for 24 V rather 23.6' }),
    ),
    batteryMarginVolts: optional(Type.Number({ minimum: 0, maximum: 100, description: 'It is well again so far above' })),
    batteryReadings: optional(Type.Integer({ minimum: 1, maximum: 8, description: 'So many readings in a row decide' })),
    geofenceMarginM: optional(Type.Number({ minimum: 0, maximum: 10_000, description: 'A vehicle is outside only so far from the edge' })),
    geofenceFixes: optional(Type.Integer({ minimum: 1, maximum: 8, description: 'So many fixes in a row decide' })),
    geofenceMaxAccuracyM: optional(Type.Number({ minimum: 1, maximum: 100_000, description: 'A fix that is less certain does not count' })),
    dtcClearedSeconds: optional(seconds(0, daySeconds, 'A code must stay cleared for so long')),
    eventJoinSeconds: optional(seconds(0, daySeconds, 'sos, crash: events so close to each other are one')),
    eventOpenSeconds: optional(seconds(60, 30 * daySeconds, 'sos, crash: resolved so long after the last one came')),
    certificateWarningDays: optional(
      Type.Integer({
        minimum: 1,
        maximum: 365,
        description: 'From when on certificate_expiring is open; at least warning from 7 days on, critical from 1',
      }),
    ),
    severity: optional(Type.Object(perType(optional(severity)), { additionalProperties: false })),
    maintenanceWindows: optional(Type.Array(MaintenanceWindowSchema, { maxItems: 32, description: 'Nothing is told while one is on' })),
  },
  { additionalProperties: false },
);
export type PolicySettings = Static<typeof PolicySettingsSchema>;

/** What a schema cannot say: the index of a maintenance window that ends before it begins. */
export function windowWithoutTime({ maintenanceWindows = [] }: PolicySettings): number | undefined {
  const index = maintenanceWindows.findIndex((window) => 'from' in window && Date.parse(window.from) >= Date.parse(window.to));
  return index < 0 ? undefined : index;
}

export const policyScopes = ['organisation', 'group', 'vehicle'] as const;
export type PolicyScope = (typeof policyScopes)[number];

const target = {
  scope: Type.Enum([...policyScopes]),
  groupId: optional(Type.String()),
  vehicleId: optional(Type.String()),
};

const priority = Type.Integer({
  minimum: -1_000,
  maximum: 1_000,
  description: 'Of several groups of a vehicle the one with the higher priority counts; of equals the older group',
});

export const PolicyPutSchema = Type.Object(
  { settings: PolicySettingsSchema, priority: optional(priority) },
  { additionalProperties: false },
);

export const PolicySchema = Type.Object({
  ...target,
  priority: optional(priority),
  settings: PolicySettingsSchema,
  updatedAt: instant,
  updatedBy: Type.String({ description: 'Name of the key, or who ran the command' }),
});
export type Policy = Static<typeof PolicySchema>;

export const MuteCreateSchema = Type.Object(
  {
    scope: optional(
      Type.Enum([...policyScopes], {
        description:
          'Whom it means: refused where the body names somebody else. Needed for a mute of the whole organisation without `until`',
      }),
    ),
    groupId: optional(Type.String()),
    vehicleId: optional(Type.String({ description: 'Neither this nor `groupId`: the whole organisation' })),
    types: optional(Type.Array(Type.Enum([...alertTypes]), { minItems: 1, uniqueItems: true, description: 'All unless given' })),
    from: optional(saidInstant()),
    until: optional(saidInstant('Until it is deleted unless given')),
    reason: optional(text(512)),
  },
  { additionalProperties: false },
);

export const MuteSchema = Type.Object({
  id: Type.String(),
  ...target,
  types: optional(Type.Array(Type.Enum([...alertTypes]))),
  alertId: optional(Type.String({ description: 'A snooze: of this alert alone' })),
  from: instant,
  until: optional(instant),
  reason: optional(Type.String()),
  createdAt: instant,
  createdBy: Type.String(),
});
export type Mute = Static<typeof MuteSchema>;

export const SnoozeSchema = Type.Object({ until: saidInstant(), reason: optional(text(512)) }, { additionalProperties: false });

/** Where a value of an effective policy comes from. */
export const PolicySourceSchema = Type.Object({
  kind: Type.Enum(['default', 'configuration', ...policyScopes]),
  groupId: optional(Type.String()),
});
export type PolicySource = Static<typeof PolicySourceSchema>;

export const EffectivePolicySchema = Type.Object({
  vehicleId: Type.String(),
  settings: Type.Object({
    ...Type.Required(PolicySettingsSchema).properties,
    severity: Type.Object(perType(severity)),
  }),
  sources: Type.Record(Type.String(), PolicySourceSchema, { description: 'By setting; `severity.offline` and so on one by one' }),
  mutes: Type.Array(MuteSchema, { description: 'Those that hold now or later' }),
  mutedUntil: optional(Type.String({ format: 'date-time', description: 'By mutes and maintenance windows, for every type of alert' })),
});
export type EffectivePolicy = Static<typeof EffectivePolicySchema>;
