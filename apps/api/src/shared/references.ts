import * as contracts from '@milepost/contracts';
import Type, { type Static } from 'typebox';

/** Shapes that the OpenAPI document names once, under components. */
export const namedSchemas = {
  Vehicle: contracts.VehicleSchema,
  Geofence: contracts.GeofenceSchema,
  VehicleGroup: contracts.VehicleGroupSchema,
  GroupMember: contracts.GroupMemberSchema,
  Fix: contracts.FixSchema,
  Diagnostics: contracts.DiagnosticsSchema,
  StatusReport: contracts.StatusReportSchema,
  Policy: contracts.PolicySchema,
  EffectivePolicy: contracts.EffectivePolicySchema,
  Mute: contracts.MuteSchema,
  Alert: contracts.AlertSchema,
  AlertHistoryEntry: contracts.AlertHistoryEntrySchema,
  Incident: contracts.IncidentSchema,
  IncidentMember: contracts.IncidentMemberSchema,
  PresenceExplanation: contracts.PresenceExplanationSchema,
  Webhook: contracts.WebhookSchema,
  CreatedWebhook: contracts.CreatedWebhookSchema,
  UpdatedWebhook: contracts.UpdatedWebhookSchema,
  RotatedSecret: contracts.RotatedSecretSchema,
  Delivery: contracts.DeliverySchema,
  ReplayedDeliveries: contracts.ReplayedDeliveriesSchema,
  SkippedDeliveries: contracts.SkippedDeliveriesSchema,
  EventFeed: contracts.EventFeedSchema,
  ConnectionAttempt: contracts.ConnectionAttemptSchema,
  DeadLetter: contracts.DeadLetterSchema,
  Trace: contracts.TraceSchema,
  Problem: contracts.ProblemSchema,
  Readiness: contracts.ReadinessSchema,
} as const;

type Name = keyof typeof namedSchemas;

/** A named shape, by reference. */
export const reference = <N extends Name>(name: N) => Type.Unsafe<Static<(typeof namedSchemas)[N]>>({ $ref: `${name}#` });

/** A page of a named shape. */
export const pageSchemaOf = <N extends Name>(name: N) => contracts.listOf(reference(name));
