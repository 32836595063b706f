import { deliveryStatuses } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, desc, eq, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pathId } from '../shared/ids.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { timeRangeQuery, withinRange } from '../shared/time-range.js';
import { findWebhook } from '../webhooks/webhook.js';
import { deliveriesOf, deliveryColumns } from './delivery.js';

const { webhookDeliveries } = schema;
const cursor = cursorFormat('deliveries', { createdAt: 'instant', id: 'uuid' });

export const listDeliveries: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/webhooks/:id/deliveries',
    config: { scope: 'read' },
    schema: {
      tags: ['webhooks'],
      operationId: 'listDeliveries',
      summary: 'What went, or is to go, to a webhook',
      description: 'The newest first, by `createdAt`, each with all its attempts.',
      params: pathId.webhook,
      querystring: Type.Object(
        {
          status: Type.Optional(Type.Enum([...deliveryStatuses], { description: 'Only deliveries of this status' })),
          ...timeRangeQuery,
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      response: { 200: pageSchemaOf('Delivery'), ...problemResponses('invalid_cursor', 'webhook_not_found') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const { id: endpointId } = await findWebhook(view, request.params.id);
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Indexes: webhook_deliveries_endpoint, webhook_deliveries_not_arrived.
        const rows = await view.orm
          .select(deliveryColumns)
          .from(webhookDeliveries)
          .where(
            and(
              eq(webhookDeliveries.endpointId, endpointId),
              query.status && eq(webhookDeliveries.status, query.status),
              ...withinRange(webhookDeliveries.createdAt, query),
              after && sql`(${webhookDeliveries.createdAt}, ${webhookDeliveries.id}) < (${after.createdAt.toISOString()}, ${after.id})`,
            ),
          )
          .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
          .limit(size + 1);
        const page = pageOf(rows, size, { item: (row) => row, cursor, place: ({ createdAt, id }) => ({ createdAt, id }) });
        return { ...page, items: await deliveriesOf(view, page.items) };
      }),
  });
};
