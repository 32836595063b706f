import Type, { type Static } from 'typebox';
import { eventTypes } from './event.js';
import { instant, optional } from './fields.js';

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
