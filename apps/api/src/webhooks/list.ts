import { schema } from '@milepost/database';
import { and, desc, isNull, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { webhookColumns, webhookOf } from './webhook.js';

const { webhookEndpoints } = schema;
const cursor = cursorFormat('webhooks', { createdAt: 'instant', id: 'uuid' });

export const listWebhooks: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/webhooks',
    config: { scope: 'read' },
    schema: {
      tags: ['webhooks'],
      operationId: 'listWebhooks',
      summary: 'Webhooks',
      description: 'The newest first. Secrets are not shown.',
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageSchemaOf('Webhook'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async ({ orm }) => {
        const { query } = request;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Index: webhook_endpoints_organisation.
        const rows = await orm
          .select(webhookColumns)
          .from(webhookEndpoints)
          .where(
            and(
              isNull(webhookEndpoints.deletedAt),
              after && sql`(${webhookEndpoints.createdAt}, ${webhookEndpoints.id}) < (${after.createdAt.toISOString()}, ${after.id})`,
            ),
          )
          .orderBy(desc(webhookEndpoints.createdAt), desc(webhookEndpoints.id))
          .limit(size + 1);
        return pageOf(rows, size, { item: (row) => webhookOf(row), cursor, place: ({ createdAt, id }) => ({ createdAt, id }) });
      }),
  });
};
