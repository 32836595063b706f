import { schema } from '@milepost/database';
import { asc, gt } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { policyOf, selectPolicies } from './policy.js';

const { alertPolicies } = schema;
const cursor = cursorFormat('policies', { id: 'uuid' });

export const listPolicies: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/policies',
    config: { scope: 'read' },
    schema: {
      tags: ['policies'],
      operationId: 'listPolicies',
      summary: 'Everything that was said for the organisation, its groups and its vehicles',
      description: 'In the order in which they were made. What holds for a vehicle is at `/v1/vehicles/{id}/policy`.',
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageSchemaOf('Policy'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Index: alert_policies_listed.
        const rows = await selectPolicies(view)
          .where(after && gt(alertPolicies.id, after.id))
          .orderBy(asc(alertPolicies.id))
          .limit(size + 1);
        return pageOf(rows, size, { item: policyOf, cursor, place: ({ id }) => ({ id }) });
      }),
  });
};
