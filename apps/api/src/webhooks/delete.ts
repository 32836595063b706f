import { schema } from '@milepost/database';
import { sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { noSuchWebhook, thisWebhook } from './webhook.js';

const { webhookEndpoints } = schema;

export const deleteWebhook: Route = (app, { database }) => {
  app.route({
    method: 'DELETE',
    url: '/v1/webhooks/:id',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'deleteWebhook',
      summary: 'Delete a webhook',
      description: 'Nothing more is sent to it, not even what waits.',
      params: pathId.webhook,
      response: { 204: Type.Null({ description: 'It is gone' }), ...problemResponses('webhook_not_found') },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const deleted = isUuid(id)
        ? await database.as(principalOf(request), ({ orm }) =>
            orm.update(webhookEndpoints).set({ deletedAt: sql`now()` }).where(thisWebhook(id)).returning({ id: webhookEndpoints.id }),
          )
        : [];
      return deleted.length === 0 ? noSuchWebhook(id) : reply.code(204).send(null);
    },
  });
};
