import Type, { type Static } from 'typebox';
import { vehicleIdPattern } from '../vehicle-id.js';
import { eventTypes } from './event.js';
import { instant, optional, text } from './fields.js';

export const webhookFormats = ['native', 'alertmanager'] as const;

const wanted = {
  url: Type.String({ minLength: 1, maxLength: 2_048 }),
  eventTypes: Type.Array(Type.Enum([...eventTypes]), { uniqueItems: true, description: 'Empty: all types, those of the future too' }),
  description: text(512),
  format: Type.Enum([...webhookFormats], { description: 'native: Standard Webhooks; alertmanager: what POST /api/v2/alerts takes' }),
  vehicleIds: Type.Array(Type.String({ pattern: vehicleIdPattern }), {
    uniqueItems: true,
    maxItems: 500,
    description: 'Only events of these vehicles and those of `groupIds`; both empty: of all',
  }),
  groupIds: Type.Array(Type.String(), {
    uniqueItems: true,
    maxItems: 100,
    description: 'Groups of vehicles; one that is deleted matches nothing',
  }),
  headers: Type.Record(Type.String(), Type.String(), {
    description:
      'Sent with each delivery, 16 at most; hop-by-hop headers and those that milepost sets are refused. Values are not shown again',
  }),
  enabled: Type.Boolean({ description: 'false: nothing is sent, and no deliveries are made of new events' }),
};

const { url, ...options } = wanted;
export const WebhookCreateSchema = Type.Object({ url, ...Type.Partial(Type.Object(options)).properties }, { additionalProperties: false });

/** What is not named stays as it is. To enable also ends a suspension: what waited goes out in order. */
export const WebhookUpdateSchema = Type.Partial(Type.Object(wanted), {
  additionalProperties: false,
  minProperties: 1,
});

const webhook = {
  id: Type.String(),
  url: Type.String(),
  eventTypes: Type.Array(Type.Enum([...eventTypes])),
  description: optional(Type.String()),
  format: Type.Enum([...webhookFormats]),
  vehicleIds: Type.Array(Type.String()),
  groupIds: Type.Array(Type.String()),
  headerNames: Type.Array(Type.String(), { description: 'Of the custom headers; their values are not shown' }),
  enabled: Type.Boolean(),
  suspendedAt: optional(instant),
  suspendedReason: optional(Type.String()),
  failingSince: optional(instant),
  consecutiveFailures: Type.Integer({ description: 'Failures of the endpoint itself (no answer, 5xx, 408, 429) since it last worked' }),
  breakerOpenedAt: optional(
    Type.String({ format: 'date-time', description: 'Since then it failed too often: one delivery at a time is tried, after each pause' }),
  ),
  pausedUntil: optional(Type.String({ format: 'date-time', description: 'Nothing is sent until then: Retry-After, or an open breaker' })),
  previousSecretUntil: optional(Type.String({ format: 'date-time', description: 'Until then the secret before this one signs as well' })),
  createdAt: instant,
};
const secret = Type.String({ description: 'whsec_…: shown this once' });
export const WebhookSchema = Type.Object(webhook);
export type Webhook = Static<typeof WebhookSchema>;
export const UpdatedWebhookSchema = Type.Object({
  ...webhook,
  droppedHeaders: optional(
    Type.Array(Type.String(), {
      description: 'Custom headers that are sent no more, because the URL leads to another origin and the body named no `headers`',
    }),
  ),
});
export type UpdatedWebhook = Static<typeof UpdatedWebhookSchema>;
export const CreatedWebhookSchema = Type.Object({ ...webhook, secret });
export type CreatedWebhook = Static<typeof CreatedWebhookSchema>;

/** Longest time for which two secrets sign, in seconds. */
export const maxOverlapSeconds = 7 * 86_400;
export const RotateSecretSchema = Type.Object(
  {
    overlapSeconds: optional(
      Type.Integer({
        minimum: 0,
        maximum: maxOverlapSeconds,
        default: 86_400,
        description: 'For so long the old secret signs beside the new one',
      }),
    ),
  },
  { additionalProperties: false },
);
export const RotatedSecretSchema = Type.Object({ secret, previousSecretUntil: instant });
export type RotatedSecret = Static<typeof RotatedSecretSchema>;
