import type { Webhook } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, eq, isNull } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { isUuid } from '../shared/ids.js';
import { instantText, present } from '../shared/present.js';

const { webhookEndpoints } = schema;

/** What is shown of an endpoint: never its secrets. */
export const webhookColumns = {
  id: webhookEndpoints.id,
  url: webhookEndpoints.url,
  eventTypes: webhookEndpoints.eventTypes,
  description: webhookEndpoints.description,
  enabled: webhookEndpoints.enabled,
  suspendedAt: webhookEndpoints.suspendedAt,
  suspendedReason: webhookEndpoints.suspendedReason,
  createdAt: webhookEndpoints.createdAt,
};

export type WebhookRow = Pick<typeof webhookEndpoints.$inferSelect, keyof typeof webhookColumns>;

export function webhookOf({ createdAt, suspendedAt, eventTypes, ...row }: WebhookRow): Webhook {
  return {
    ...present({ ...row, suspendedAt: instantText(suspendedAt), createdAt: instantText(createdAt) }),
    eventTypes: eventTypes as Webhook['eventTypes'],
  };
}

/** A deleted endpoint is not there, although its deliveries are kept for a while. */
export const thisWebhook = (id: string) => and(eq(webhookEndpoints.id, id), isNull(webhookEndpoints.deletedAt));

/** @throws ApiProblem `webhook_not_found` */
export async function findWebhook({ orm }: OrganisationView, id: string): Promise<WebhookRow> {
  const [row] = isUuid(id) ? await orm.select(webhookColumns).from(webhookEndpoints).where(thisWebhook(id)) : [];
  return row ?? noSuchWebhook(id);
}

export function noSuchWebhook(id: string): never {
  throw new ApiProblem('webhook_not_found', `No webhook with the id ${id} is known in this organisation.`);
}
