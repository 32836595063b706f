import { schema } from '@milepost/database';
import { and, eq } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { findWebhook } from '../webhooks/webhook.js';
import { deliveriesOf } from './delivery.js';

const { webhookDeliveries } = schema;

export const deliveryParams = Type.Object({
  ...pathId.webhook.properties,
  deliveryId: Type.String({ description: 'The delivery, by the `id` that GET /v1/webhooks/{id}/deliveries shows' }),
});

export const getDelivery: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/webhooks/:id/deliveries/:deliveryId',
    config: { scope: 'read' },
    schema: {
      tags: ['webhooks'],
      operationId: 'getDelivery',
      summary: 'A delivery with every attempt',
      params: deliveryParams,
      response: {
        200: { description: 'The delivery', ...reference('Delivery') },
        ...problemResponses('webhook_not_found', 'delivery_not_found'),
      },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const webhook = await findWebhook(view, request.params.id);
        return theRow(await deliveriesOf(view, [await findDelivery(view, webhook.id, request.params.deliveryId)]));
      }),
  });
};

/** @throws ApiProblem `delivery_not_found` */
export async function findDelivery({ orm }: OrganisationView, endpointId: string, deliveryId: string) {
  const [found] = isUuid(deliveryId)
    ? await orm
        .select()
        .from(webhookDeliveries)
        .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.endpointId, endpointId)))
    : [];
  if (!found)
    throw new ApiProblem(
      'delivery_not_found',
      `Webhook ${endpointId} has no delivery with the id ${deliveryId}; GET /v1/webhooks/${endpointId}/deliveries lists those of the last 30 days.`,
    );
  return found;
}
