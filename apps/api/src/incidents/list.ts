import { incidentStatuses } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, desc, isNotNull, isNull, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { timeRangeQuery, withinRange } from '../shared/time-range.js';
import { incidentOf, selectIncidents } from './incident.js';

const { incidents } = schema;
const cursor = cursorFormat('incidents', { openedAt: 'instant', id: 'uuid' });

export const listIncidents: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/incidents',
    config: { scope: 'read' },
    schema: {
      tags: ['alerts'],
      operationId: 'listIncidents',
      summary: 'Many vehicles lost at once',
      description: 'The newest first, by `openedAt`. Who is in one is at `/v1/incidents/{id}/vehicles`.',
      querystring: Type.Object(
        {
          status: Type.Optional(Type.Enum([...incidentStatuses], { description: 'Only incidents of this status' })),
          ...timeRangeQuery,
          ...pageQuery,
        },
        { additionalProperties: false },
      ),
      response: { 200: pageSchemaOf('Incident'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const { status } = query;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Index: incidents_listed.
        const rows = await selectIncidents(view)
          .where(
            and(
              status && (status === 'open' ? isNull(incidents.closedAt) : isNotNull(incidents.closedAt)),
              ...withinRange(incidents.openedAt, query),
              after && sql`(${incidents.openedAt}, ${incidents.id}) < (${after.openedAt.toISOString()}, ${after.id})`,
            ),
          )
          .orderBy(desc(incidents.openedAt), desc(incidents.id))
          .limit(size + 1);
        return pageOf(rows, size, { item: incidentOf, cursor, place: ({ openedAt, id }) => ({ openedAt, id }) });
      }),
  });
};
