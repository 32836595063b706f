import { schema } from '@milepost/database';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { findWebhook, refuseUnlessReceiving } from '../webhooks/webhook.js';
import { deliveryColumns, deliveryOf } from './delivery.js';
import { deliveryParams, findDelivery } from './get.js';

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
      params: deliveryParams,
      response: {
        202: { description: 'The delivery that is to be made', ...reference('Delivery') },
        ...problemResponses('webhook_not_found', 'delivery_not_found', 'webhook_not_receiving'),
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const replays = await database.as(principal, async (view) => {
        const webhook = await findWebhook(view, request.params.id);
        const original = await findDelivery(view, webhook.id, request.params.deliveryId);
        refuseUnlessReceiving(webhook);
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
