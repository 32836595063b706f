import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { findWebhook, webhookOf } from './webhook.js';

export const getWebhook: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/webhooks/:id',
    config: { scope: 'read' },
    schema: {
      tags: ['webhooks'],
      operationId: 'getWebhook',
      summary: 'A webhook, and how it fares',
      description: 'Neither its secrets nor the values of its custom headers are shown.',
      params: pathId.webhook,
      response: { 200: { description: 'The webhook', ...reference('Webhook') }, ...problemResponses('webhook_not_found') },
    },
    handler: (request) => database.as(principalOf(request), async (view) => webhookOf(await findWebhook(view, request.params.id))),
  });
};
