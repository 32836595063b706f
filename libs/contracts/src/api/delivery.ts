import Type, { type Static } from 'typebox';
import { eventTypes } from './event.js';
import { instant, optional, saidInstant } from './fields.js';

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
  skippedAt: optional(Type.String({ format: 'date-time', description: 'Somebody decided that it is not to be sent: it is dead since' })),
  skippedBy: optional(Type.String()),
});
export type Delivery = Static<typeof DeliverySchema>;

/** Which of an endpoint's deliveries are replayed together: those of which nothing has arrived, by when they were made. */
export const ReplayDeliveriesSchema = Type.Object(
  {
    since: saidInstant(),
    until: optional(saidInstant()),
    status: optional(Type.Enum(['dead', 'failed'], { description: 'Only these; both unless said' })),
  },
  { additionalProperties: false },
);
export const ReplayedDeliveriesSchema = Type.Object({
  replayed: Type.Integer({ description: 'Dead deliveries for which a new one was made' }),
  hastened: Type.Integer({ description: 'Failed deliveries whose retry is due now' }),
  more: Type.Boolean({ description: 'There were more than one call takes (1,000): call again' }),
});
export type ReplayedDeliveries = Static<typeof ReplayedDeliveriesSchema>;

export const SkipDeliveriesSchema = Type.Object(
  { before: optional(saidInstant('Only what was made before; all that waits unless said')) },
  { additionalProperties: false },
);
export const SkippedDeliveriesSchema = Type.Object({ skipped: Type.Integer() });
export type SkippedDeliveries = Static<typeof SkippedDeliveriesSchema>;
