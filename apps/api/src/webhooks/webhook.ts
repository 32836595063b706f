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
  format: webhookEndpoints.format,
  vehicleIds: webhookEndpoints.vehicleIds,
  groupIds: webhookEndpoints.groupIds,
  headerNames: webhookEndpoints.headerNames,
  enabled: webhookEndpoints.enabled,
  suspendedAt: webhookEndpoints.suspendedAt,
  suspendedReason: webhookEndpoints.suspendedReason,
  failingSince: webhookEndpoints.failingSince,
  consecutiveFailures: webhookEndpoints.consecutiveFailures,
  breakerOpenedAt: webhookEndpoints.breakerOpenedAt,
  pausedUntil: webhookEndpoints.pausedUntil,
  previousSecretUntil: webhookEndpoints.previousSecretUntil,
  createdAt: webhookEndpoints.createdAt,
};

export type WebhookRow = Pick<typeof webhookEndpoints.$inferSelect, keyof typeof webhookColumns>;

/** @param now times that are over say nothing any more */
export function webhookOf(
  {
    createdAt,
    suspendedAt,
    failingSince,
    breakerOpenedAt,
    pausedUntil,
    previousSecretUntil,
    eventTypes,
    vehicleIds,
    groupIds,
    ...row
  }: WebhookRow,
  now = new Date(),
): Webhook {
  const ahead = (at: Date | null) => instantText(at !== null && at > now ? at : null);
  return {
    ...present({
      ...row,
      suspendedAt: instantText(suspendedAt),
      failingSince: instantText(failingSince),
      breakerOpenedAt: instantText(breakerOpenedAt),
      pausedUntil: ahead(pausedUntil),
      previousSecretUntil: ahead(previousSecretUntil),
      createdAt: instantText(createdAt),
    }),
    eventTypes: eventTypes as Webhook['eventTypes'],
    vehicleIds: vehicleIds ?? [],
    groupIds: groupIds ?? [],
  };
}

/** @throws ApiProblem `webhook_not_receiving` for one that is suspended or disabled */
export function refuseUnlessReceiving({ id, enabled, suspendedAt }: WebhookRow): void {
  if (enabled && !suspendedAt) return;
  const state = enabled ? 'suspended' : 'disabled';
  throw new ApiProblem('webhook_not_receiving', `Webhook ${id} is ${state}: enable it first (PATCH {"enabled": true}).`);
}

/** A deleted endpoint is not there, although its deliveries are kept for a while. */
export const thisWebhook = (id: string) => and(eq(webhookEndpoints.id, id), isNull(webhookEndpoints.deletedAt));

/** @throws ApiProblem `webhook_not_found` */
export async function findWebhook({ orm }: OrganisationView, id: string): Promise<WebhookRow> {
  const [row] = isUuid(id) ? await orm.select(webhookColumns).from(webhookEndpoints).where(thisWebhook(id)) : [];
  return row ?? noSuchWebhook(id);
}

export function noSuchWebhook(id: string): never {
  throw new ApiProblem('webhook_not_found', `No webhook with the id ${id} is known in this organisation; GET /v1/webhooks lists them.`);
}
