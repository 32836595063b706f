import { schema } from '@milepost/database';
import { and, eq } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { findWebhook } from '../webhooks/webhook.js';
import { deliveryColumns, deliveryOf } from './delivery.js';

const { webhookDeliveries } = schema;

export const replayDelivery: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/deliveries/:deliveryId/replay',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'replayDelivery',
      summary: 'Send an event once more',
      description:
        'Whatever became of the delivery. The new one stands beside it, carries the same `webhook-id` and body, and waits for no other.',
      params: Type.Object({ id: Type.String(), deliveryId: Type.String() }),
      response: {
        202: { description: 'The delivery that is to be made', ...reference('Delivery') },
        ...problemResponses('webhook_not_found', 'delivery_not_found', 'webhook_not_receiving'),
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { deliveryId } = request.params;
      const replays = await database.as(principal, async (view) => {
        const webhook = await findWebhook(view, request.params.id);
        const [original] = isUuid(deliveryId)
          ? await view.orm
              .select()
              .from(webhookDeliveries)
              .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.endpointId, webhook.id)))
          : [];
        if (!original) throw new ApiProblem('delivery_not_found', `Webhook ${webhook.id} has no delivery with the id ${deliveryId}.`);
        if (!webhook.enabled || webhook.suspendedAt) {
          const state = webhook.enabled ? 'suspended' : 'disabled';
          throw new ApiProblem('webhook_not_receiving', `Webhook ${webhook.id} is ${state}: enable it first (PATCH {"enabled": true}).`);
        }
        const { organisationId, endpointId, eventId, eventType, subject, sequence } = original;
        return view.orm
          .insert(webhookDeliveries)
          .values({ organisationId, endpointId, eventId, eventType, subject, sequence, replayOf: original.replayOf ?? original.id })
          .returning(deliveryColumns);
      });
      return reply.code(202).send(deliveryOf(theRow(replays), []));
    },
  });
};
