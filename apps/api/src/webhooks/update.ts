import { WebhookUpdateSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { idParams, isUuid } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { noSuchWebhook, thisWebhook, webhookColumns, webhookOf } from './webhook.js';

const { webhookEndpoints } = schema;
/** An endpoint that begins anew is not judged by its past. */
const cleared = { suspendedAt: null, suspendedReason: null, failingSince: null, pausedUntil: null };

export const updateWebhook: Route = (app, { database }) => {
  app.route({
    method: 'PATCH',
    url: '/v1/webhooks/:id',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'updateWebhook',
      summary: 'Enable or disable a webhook',
      description: 'To enable also ends a suspension: what waited goes out in order.',
      params: idParams,
      body: WebhookUpdateSchema,
      response: {
        200: { description: 'The webhook', ...reference('Webhook') },
        ...problemResponses('invalid_json', 'webhook_not_found', 'body_too_large', 'unsupported_media_type'),
      },
    },
    handler: (request) =>
      database.as(principalOf(request), async ({ orm }) => {
        const { id } = request.params;
        const { enabled } = request.body;
        if (!isUuid(id)) return noSuchWebhook(id);
        const [row] = await orm
          .update(webhookEndpoints)
          .set({ enabled, ...(enabled ? cleared : {}) })
          .where(thisWebhook(id))
          .returning(webhookColumns);
        return row ? webhookOf(row) : noSuchWebhook(id);
      }),
  });
};
