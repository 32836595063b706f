import { WebhookUpdateSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { idParams, isUuid } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { settingsOf } from './settings.js';
import { noSuchWebhook, thisWebhook, webhookColumns, webhookOf } from './webhook.js';

const { webhookEndpoints } = schema;
/** An endpoint that begins anew is not judged by its past. */
const cleared = {
  suspendedAt: null,
  suspendedReason: null,
  failingSince: null,
  pausedUntil: null,
  consecutiveFailures: 0,
  breakerOpenedAt: null,
};

export const updateWebhook: Route = (app, { database, webhookAllow }) => {
  app.route({
    method: 'PATCH',
    url: '/v1/webhooks/:id',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'updateWebhook',
      summary: 'Change a webhook',
      description:
        'What the body does not name stays as it is. To enable also ends a suspension: what waited goes out in order. Types, vehicles and groups count for events from now on; URL, format and headers for every delivery that is sent from now on.',
      params: idParams,
      body: WebhookUpdateSchema,
      response: {
        200: { description: 'The webhook', ...reference('Webhook') },
        ...problemResponses('invalid_json', 'webhook_not_found', 'body_too_large', 'unsupported_media_type'),
      },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { id } = request.params;
        const { enabled, ...settings } = request.body;
        if (!isUuid(id)) return noSuchWebhook(id);
        const [row] = await view.orm
          .update(webhookEndpoints)
          .set({
            ...(await settingsOf(view, settings, webhookAllow)),
            ...(enabled !== undefined && { enabled }),
            ...(enabled && cleared),
          })
          .where(thisWebhook(id))
          .returning(webhookColumns);
        return row ? webhookOf(row) : noSuchWebhook(id);
      }),
  });
};
