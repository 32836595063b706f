import Type, { type Static } from 'typebox';
import { eventTypes } from './event.js';
import { instant, optional, text } from './fields.js';

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
