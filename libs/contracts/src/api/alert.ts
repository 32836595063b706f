import Type, { type Static } from 'typebox';
import { instant, optional, text } from './fields.js';
import { FixSchema } from './fix.js';

export const alertTypes = ['offline', 'silent', 'misconfigured', 'identity_conflict'] as const;
export type AlertType = (typeof alertTypes)[number];
export const alertStatuses = ['open', 'acknowledged', 'resolved'] as const;
export type AlertStatus = (typeof alertStatuses)[number];
export const alertSeverities = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

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
  addresses: optional(Type.Array(Type.String(), { description: 'identity_conflict: the addresses that threw each other out' })),
});
export type Alert = Static<typeof AlertSchema>;

export const AcknowledgeSchema = Type.Object({ note: optional(text(2_000)) }, { additionalProperties: false });
