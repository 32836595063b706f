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
