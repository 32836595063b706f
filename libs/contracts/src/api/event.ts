import Type, { type Static } from 'typebox';
import { AlertSchema } from './alert.js';
import { instant, optional } from './fields.js';
import { IncidentSchema } from './incident.js';

export const eventTypes = [
  'alert.opened',
  'alert.acknowledged',
  'alert.reminded',
  'alert.resolved',
  'incident.opened',
  'incident.closed',
  'webhook.endpoint.suspended',
  'pipeline.heartbeat',
  'webhook.test',
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
    heartbeat: optional(
      Type.Object({
        loopClosedAt: Type.String({ format: 'date-time', description: 'When the last message of the canary was found in the API' }),
        loopSeconds: Type.Number({ description: 'How long it took from its publish' }),
        presenceJudgedUntil: Type.String({
          format: 'date-time',
          description: 'Up to when alerts has judged connections, in the slowest partition',
        }),
      }),
    ),
    endpoint: optional(Type.Object({ id: Type.String(), url: Type.String(), reason: optional(Type.String()) })),
  }),
  truncated: optional(
    Type.Object(
      { bytes: Type.Integer(), maxBytes: Type.Integer() },
      { description: 'The event was larger than a webhook may be: long texts, lists and objects are left out here; the API has them' },
    ),
  ),
});
export type Event = Static<typeof EventSchema>;
