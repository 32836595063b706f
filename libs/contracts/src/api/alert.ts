import Type, { type Static } from 'typebox';
import { instant, optional, text } from './fields.js';
import { FixSchema } from './fix.js';

/** Of connections: at most one of a type is open for a vehicle. */
export const presenceAlertTypes = ['offline', 'silent', 'misconfigured', 'identity_conflict'] as const;
/** Of what vehicles report, and of their certificates: one for each code or geofence. */
export const conditionTypes = ['dtc', 'battery_low', 'geofence_enter', 'geofence_exit', 'sos', 'crash', 'certificate_expiring'] as const;
export type ConditionType = (typeof conditionTypes)[number];
export const alertTypes = [...presenceAlertTypes, ...conditionTypes] as const;
export type AlertType = (typeof alertTypes)[number];
export const alertStatuses = ['open', 'acknowledged', 'resolved'] as const;
export type AlertStatus = (typeof alertStatuses)[number];
export const alertSeverities = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** What an alert of a condition is about: each type says what it knows. */
export const ConditionSchema = Type.Object({
  recordedAt: optional(Type.String({ format: 'date-time', description: 'When the vehicle recorded what the alert comes of' })),
  clockSuspect: optional(Type.Boolean({ description: 'The clock of the vehicle was far ahead: recordedAt is when the message came' })),
  code: optional(Type.String({ description: 'dtc: the trouble code, spn/fmi for J1939' })),
  volts: optional(Type.Number({ description: 'battery_low' })),
  thresholdVolts: optional(Type.Number({ description: 'battery_low' })),
  geofenceId: optional(Type.String()),
  geofenceName: optional(Type.String()),
  event: optional(Type.String({ description: 'sos, crash: the name of the event as the vehicle sent it' })),
  eventSeverity: optional(Type.String()),
  count: optional(Type.Integer({ description: 'sos, crash: so many events so far' })),
  lastRecordedAt: optional(Type.String({ format: 'date-time', description: 'sos, crash: the newest of them' })),
  position: optional(Type.Object({ latitude: Type.Number(), longitude: Type.Number(), accuracyM: optional(Type.Number()) })),
  serial: optional(Type.String({ description: 'certificate_expiring' })),
  notAfter: optional(instant),
});
export type Condition = Static<typeof ConditionSchema>;

export const AlertSchema = Type.Object({
  id: Type.String(),
  type: Type.Enum([...alertTypes]),
  status: Type.Enum([...alertStatuses]),
  severity: Type.Enum([...alertSeverities]),
  vehicleId: optional(Type.String()),
  incidentId: optional(Type.String()),
  cause: optional(Type.String()),
  openedAt: instant,
  notifiedAt: optional(Type.String({ format: 'date-time', description: 'When it was first told; absent while it is muted or too short' })),
  lastNotifiedAt: optional(instant),
  acknowledgedAt: optional(instant),
  acknowledgedBy: optional(Type.String()),
  note: optional(Type.String()),
  resolvedAt: optional(instant),
  outageSeconds: optional(Type.Number()),
  lastPosition: optional(FixSchema),
  lastContactAt: optional(instant),
  will: optional(
    Type.Object({
      topic: Type.String(),
      payloadBase64: Type.String(),
      text: optional(Type.String({ description: 'The payload, where it is text' })),
      publishedAt: optional(instant),
    }),
  ),
  earlierOutages: optional(
    Type.Object(
      { count: Type.Integer(), totalSeconds: Type.Number() },
      { description: 'offline: alerts of the vehicle in the 7 days before, and how long they lasted' },
    ),
  ),
  deadZone: optional(
    Type.Object(
      { losses: Type.Integer(), medianSeconds: optional(Type.Number()) },
      {
        description:
          'offline: how often others lost contact within 500 m of the last position in the 30 days before, and the median length',
      },
    ),
  ),
  condition: optional(ConditionSchema),
  addresses: optional(Type.Array(Type.String(), { description: 'identity_conflict: the addresses that threw each other out' })),
});
export type Alert = Static<typeof AlertSchema>;

export const AcknowledgeSchema = Type.Object({ note: optional(text(2_000)) }, { additionalProperties: false });
