import { randomUUID } from 'node:crypto';
import type { Event } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { sql } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import { deliveryColumns, deliveryOf } from '../deliveries/delivery.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { findWebhook, refuseUnlessReceiving } from './webhook.js';

const { outbox, webhookDeliveries } = schema;
const eventType = 'webhook.test';

export const sendTest: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/test',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'testWebhook',
      summary: 'Send a test event to a webhook',
      description:
        'A `webhook.test` event for this webhook alone, whatever types and vehicles it wants; it goes the way of every other. Look at the delivery to see what came of it.',
      params: pathId.webhook,
      response: {
        202: { description: 'The delivery that is to be made', ...reference('Delivery') },
        ...problemResponses('webhook_not_found', 'webhook_not_receiving'),
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { organisationId } = principal;
      const deliveries = await database.as(principal, async (view) => {
        const webhook = await findWebhook(view, request.params.id);
        refuseUnlessReceiving(webhook);
        const subject = randomUUID();
        const event: Event = {
          id: randomUUID(),
          type: eventType,
          timestamp: new Date().toISOString(),
          data: { endpoint: { id: webhook.id, url: webhook.url } },
        };
        // Dispatched and relayed already: it is for nobody else.
        const stored = await view.orm
          .insert(outbox)
          .values({
            eventId: event.id,
            organisationId,
            type: eventType,
            subject,
            recordKey: webhook.id,
            body: JSON.stringify(event),
            dispatchedAt: sql`now()`,
            relayedAt: sql`now()`,
          })
          .returning({ sequence: outbox.id });
        return view.orm
          .insert(webhookDeliveries)
          .values({ organisationId, endpointId: webhook.id, eventId: event.id, eventType, subject, sequence: theRow(stored).sequence })
          .returning(deliveryColumns);
      });
      return reply.code(202).send(deliveryOf(theRow(deliveries), []));
    },
  });
};
