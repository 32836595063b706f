import Type, { type Static, type TSchema } from 'typebox';
import { FaultSchema } from './faults.js';
import { VehicleEventSchema } from './messages.js';
import { DisconnectCauseSchema } from './presence.js';
import { RefusalReasonSchema } from './refusals.js';

const instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const optional = Type.Optional;
/** Postgres holds every character but U+0000. */
const text = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\u0000]*$' });

/** What every list answers; `nextCursor` is absent on the last page. */
export const listOf = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), nextCursor: optional(Type.String()) });

export const FixSchema = Type.Object({
  vehicleId: Type.String(),
  recordedAt: instant,
  receivedAt: instant,
  latitude: optional(Type.Number()),
  longitude: optional(Type.Number()),
  fixValid: optional(Type.Boolean()),
  sequence: optional(Type.Integer()),
  altitudeM: optional(Type.Number()),
  speedKph: optional(Type.Number()),
  headingDeg: optional(Type.Number()),
  accuracyM: optional(Type.Number()),
  hdop: optional(Type.Number()),
  satellites: optional(Type.Integer()),
  odometerKm: optional(Type.Number()),
  ignition: optional(Type.Boolean()),
  fuelLevelPct: optional(Type.Number()),
  driverId: optional(Type.String()),
  events: optional(Type.Array(VehicleEventSchema)),
  attributes: optional(Type.Record(Type.String(), Type.Unknown())),
  clockSuspect: optional(Type.Boolean({ description: 'The vehicle’s clock ran ahead; never the latest position' })),
});
export type Fix = Static<typeof FixSchema>;

export const DtcSchema = Type.Object({
  code: optional(Type.String()),
  spn: optional(Type.Integer()),
  fmi: optional(Type.Integer()),
  oc: optional(Type.Integer()),
  status: Type.Enum(['active', 'pending', 'cleared', 'permanent']),
  firstSeenAt: instant,
  lastSeenAt: instant,
});
export type Dtc = Static<typeof DtcSchema>;

export const presenceStates = ['online', 'suspect', 'offline', 'parked', 'unknown'] as const;
export type PresenceState = (typeof presenceStates)[number];

export const VehicleSchema = Type.Object({
  id: Type.String(),
  organisation: Type.String(),
  vin: optional(Type.String()),
  name: optional(Type.String()),
  firstSeenAt: instant,
  lastContactAt: optional(instant),
  clockOffsetMs: optional(
    Type.Integer({ description: 'recordedAt − receivedAt of the newest message: above 0 the vehicle’s clock is ahead' }),
  ),
  presence: Type.Object({
    state: Type.Enum([...presenceStates]),
    since: optional(instant),
    cause: optional(DisconnectCauseSchema),
    connections: Type.Integer(),
  }),
  position: Type.Union([FixSchema, Type.Null()]),
  status: optional(Type.Object({ status: Type.String(), reason: optional(Type.String()), receivedAt: instant })),
  signals: Type.Record(Type.String(), Type.Object({ value: scalar, recordedAt: instant })),
  dtcs: Type.Array(DtcSchema),
});
export type Vehicle = Static<typeof VehicleSchema>;

export const DiagnosticsSchema = Type.Object({
  vehicleId: Type.String(),
  recordedAt: instant,
  receivedAt: instant,
  signals: Type.Record(Type.String(), scalar),
  dtcs: Type.Array(
    Type.Object({
      code: optional(Type.String()),
      spn: optional(Type.Integer()),
      fmi: optional(Type.Integer()),
      oc: optional(Type.Integer()),
      status: Type.String(),
    }),
  ),
  odometerKm: optional(Type.Number()),
  engineHours: optional(Type.Number()),
  sequence: optional(Type.Integer()),
  attributes: optional(Type.Record(Type.String(), Type.Unknown())),
  clockSuspect: optional(Type.Boolean()),
});
export type Diagnostics = Static<typeof DiagnosticsSchema>;

export const StatusReportSchema = Type.Object({
  vehicleId: Type.String(),
  status: Type.String(),
  reason: optional(Type.String()),
  receivedAt: instant,
});
export type StatusReport = Static<typeof StatusReportSchema>;

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
  acknowledgedAt: optional(instant),
  acknowledgedBy: optional(Type.String()),
  note: optional(Type.String()),
  resolvedAt: optional(instant),
  outageSeconds: optional(Type.Number()),
  lastPosition: optional(FixSchema),
  lastContactAt: optional(instant),
  will: optional(Type.Object({ topic: Type.String(), payloadBase64: Type.String(), publishedAt: optional(instant) })),
  addresses: optional(Type.Array(Type.String(), { description: 'identity_conflict: the addresses that threw each other out' })),
});
export type Alert = Static<typeof AlertSchema>;

export const AcknowledgeSchema = Type.Object({ note: optional(text(2_000)) }, { additionalProperties: false });

export const IncidentSchema = Type.Object({
  id: Type.String(),
  scope: Type.Enum(['node', 'organisation']),
  node: optional(Type.String()),
  status: Type.Enum(['open', 'closed']),
  openedAt: instant,
  closedAt: optional(instant),
  vehicles: Type.Integer({ description: 'Members in all' }),
  returned: Type.Integer({ description: 'Members that are back' }),
});
export type Incident = Static<typeof IncidentSchema>;

export const eventTypes = [
  'alert.opened',
  'alert.acknowledged',
  'alert.resolved',
  'incident.opened',
  'incident.closed',
  'webhook.endpoint.suspended',
] as const;
export type EventType = (typeof eventTypes)[number];

/** The body of a webhook, and the value of a record of `fleet.alerts`. `id` is the webhook-id: the same in every attempt, replay and endpoint. */
export const EventSchema = Type.Object({
  id: Type.String(),
  type: Type.Enum([...eventTypes]),
  timestamp: instant,
  data: Type.Object({
    alert: optional(AlertSchema),
    incident: optional(IncidentSchema),
    endpoint: optional(Type.Object({ id: Type.String(), url: Type.String(), reason: Type.String() })),
  }),
});
export type Event = Static<typeof EventSchema>;

export const WebhookCreateSchema = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2_048 }),
    eventTypes: optional(Type.Array(Type.Enum([...eventTypes]), { uniqueItems: true })),
    description: optional(text(512)),
  },
  { additionalProperties: false },
);

const webhook = {
  id: Type.String(),
  url: Type.String(),
  eventTypes: Type.Array(Type.Enum([...eventTypes])),
  description: optional(Type.String()),
  enabled: Type.Boolean(),
  suspendedAt: optional(instant),
  suspendedReason: optional(Type.String()),
  createdAt: instant,
};
export const WebhookSchema = Type.Object(webhook);
export type Webhook = Static<typeof WebhookSchema>;
export const CreatedWebhookSchema = Type.Object({ ...webhook, secret: Type.String({ description: 'whsec_…: shown this once' }) });
export type CreatedWebhook = Static<typeof CreatedWebhookSchema>;

/** To enable also ends a suspension: what waited goes out in order. */
export const WebhookUpdateSchema = Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false });

export const deliveryStatuses = ['pending', 'delivered', 'failed', 'dead'] as const;
export const DeliverySchema = Type.Object({
  id: Type.String(),
  eventId: Type.String(),
  eventType: Type.Enum([...eventTypes]),
  status: Type.Enum([...deliveryStatuses]),
  attempts: Type.Array(
    Type.Object({
      at: instant,
      status: optional(Type.Integer()),
      error: optional(Type.String()),
      latencyMs: Type.Number(),
      responseBody: optional(Type.String()),
    }),
  ),
  nextAttemptAt: optional(instant),
  createdAt: optional(instant),
  replayOf: optional(Type.String({ description: 'The delivery that this one repeats' })),
});
export type Delivery = Static<typeof DeliverySchema>;

export const ConnectionAttemptSchema = Type.Object({
  at: instant,
  address: Type.String(),
  commonName: optional(Type.String()),
  organisation: optional(Type.String()),
  issuer: optional(Type.String()),
  serial: optional(Type.String()),
  notAfter: optional(instant),
  reason: RefusalReasonSchema,
  remedy: Type.String(),
  count: optional(Type.Integer()),
});
export type ConnectionAttempt = Static<typeof ConnectionAttemptSchema>;

export const DeadLetterSchema = Type.Object({
  id: Type.String({ description: 'topic/partition/offset of the source record' }),
  at: instant,
  vehicleId: optional(Type.String()),
  topic: Type.String(),
  errors: Type.Array(FaultSchema),
  errorCount: Type.Integer(),
  payload: Type.String({ description: 'base64' }),
  resolvedAt: optional(Type.String({ format: 'date-time', description: 'When a replay of it was stored as a whole' })),
});
export type DeadLetter = Static<typeof DeadLetterSchema>;

/** RFC 9457, with a stable `code`. */
export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
  errors: optional(
    Type.Array(
      Type.Object({ pointer: optional(Type.String()), parameter: optional(Type.String()), code: Type.String(), message: Type.String() }),
    ),
  ),
  limit: optional(Type.Number()),
  remedy: optional(Type.String()),
  oldestCursor: optional(Type.String({ description: 'cursor_expired: the oldest cursor that is still valid' })),
});
export type Problem = Static<typeof ProblemSchema>;

export const scopes = ['read', 'alerts:write', 'webhooks:write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const readinessParts = ['postgres', 'kafka', 'broker', 'ingest', 'alerts', 'webhooks'] as const;
export const ReadinessSchema = Type.Object({
  ready: Type.Boolean(),
  parts: Type.Array(Type.Object({ name: Type.Enum([...readinessParts]), ready: Type.Boolean(), reason: optional(Type.String()) })),
});
export type Readiness = Static<typeof ReadinessSchema>;

/** What `npm start` writes for whoever wants to find the running stack (mode 0600: it has an API key in it). */
export const StackFileSchema = Type.Object({
  apiUrl: Type.String(),
  apiKey: Type.String(),
  mqttUrl: Type.String(),
  caFile: Type.String(),
  issueCommand: Type.String(),
  kafkaBrokers: Type.String(),
  databaseUrl: Type.String(),
  apps: Type.Array(Type.Object({ name: Type.String(), pid: Type.Integer(), metricsUrl: Type.String(), healthUrl: Type.String() })),
});
export type StackFile = Static<typeof StackFileSchema>;
