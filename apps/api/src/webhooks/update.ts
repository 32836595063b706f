import { WebhookUpdateSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { type Columns, settingsOf } from './settings.js';
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
        'What the body does not name stays as it is. To enable also ends a suspension: what waited goes out in order. Types, vehicles and groups count for events from now on; URL, format and headers for every delivery that is sent from now on. A URL of another origin (scheme, host, port) drops the custom headers unless the body names `headers`: what was told to one receiver is not sent to another.',
      params: pathId.webhook,
      body: WebhookUpdateSchema,
      response: {
        200: { description: 'The webhook', ...reference('UpdatedWebhook') },
        ...problemResponses('invalid_json', 'webhook_not_found', 'body_too_large', 'unsupported_media_type'),
      },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { id } = request.params;
        const { enabled, ...settings } = request.body;
        if (!isUuid(id)) return noSuchWebhook(id);
        const columns = await settingsOf(view, settings, webhookAllow);
        const droppedHeaders = await headersLeftBehind(view, id, columns);
        const [row] = await view.orm
          .update(webhookEndpoints)
          .set({
            ...columns,
            ...(droppedHeaders.length > 0 && { headers: {}, headerNames: [] }),
            ...(enabled !== undefined && { enabled }),
            ...(enabled && cleared),
          })
          .where(thisWebhook(id))
          .returning(webhookColumns);
        if (!row) return noSuchWebhook(id);
        return { ...webhookOf(row), ...(droppedHeaders.length > 0 && { droppedHeaders }) };
      }),
  });
};

/** Names of headers that were meant for another origin, and that nobody has named anew. Locks the endpoint: its URL is the one that is replaced. */
async function headersLeftBehind({ orm }: OrganisationView, id: string, { url, headers }: Columns): Promise<string[]> {
  if (url === undefined || headers !== undefined) return [];
  const { url: before, headerNames } = webhookColumns;
  const [row] = await orm.select({ before, headerNames }).from(webhookEndpoints).where(thisWebhook(id)).for('update');
  return row && new URL(row.before).origin !== new URL(url).origin ? row.headerNames : [];
}
