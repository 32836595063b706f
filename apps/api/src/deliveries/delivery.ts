import type { Delivery } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { asc, inArray } from 'drizzle-orm';
import type { OrganisationView } from '../database.js';
import { instantText, present } from '../shared/present.js';

const { webhookAttempts, webhookDeliveries } = schema;

export const deliveryColumns = {
  id: webhookDeliveries.id,
  eventId: webhookDeliveries.eventId,
  eventType: webhookDeliveries.eventType,
  status: webhookDeliveries.status,
  nextAttemptAt: webhookDeliveries.nextAttemptAt,
  createdAt: webhookDeliveries.createdAt,
  replayOf: webhookDeliveries.replayOf,
  skippedAt: webhookDeliveries.skippedAt,
  skippedBy: webhookDeliveries.skippedBy,
};

export type DeliveryRow = Pick<typeof webhookDeliveries.$inferSelect, keyof typeof deliveryColumns>;
type AttemptRow = typeof webhookAttempts.$inferSelect;

/** With their attempts, the first one first. */
export async function deliveriesOf({ orm }: OrganisationView, rows: readonly DeliveryRow[]): Promise<Delivery[]> {
  const ids = rows.map(({ id }) => id);
  // Index: the primary key (delivery_id, number).
  const attempts =
    ids.length === 0
      ? []
      : await orm
          .select()
          .from(webhookAttempts)
          .where(inArray(webhookAttempts.deliveryId, ids))
          .orderBy(asc(webhookAttempts.deliveryId), asc(webhookAttempts.number));
  const byDelivery = new Map<string, AttemptRow[]>(ids.map((id) => [id, []]));
  for (const attempt of attempts) byDelivery.get(attempt.deliveryId)?.push(attempt);
  return rows.map((row) => deliveryOf(row, byDelivery.get(row.id) ?? []));
}

export function deliveryOf(row: DeliveryRow, attempts: readonly AttemptRow[]): Delivery {
  return {
    ...present({
      id: row.id,
      eventId: row.eventId,
      eventType: row.eventType as Delivery['eventType'],
      status: row.status,
      nextAttemptAt: instantText(row.nextAttemptAt),
      createdAt: instantText(row.createdAt),
      replayOf: row.replayOf,
      skippedAt: instantText(row.skippedAt),
      skippedBy: row.skippedBy,
    }),
    attempts: attempts.map(({ at, status, error, latencyMs, responseBody }) =>
      present({ at: instantText(at), status, error, latencyMs, responseBody }),
    ),
  };
}
