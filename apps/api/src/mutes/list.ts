import { schema } from '@milepost/database';
import { and, desc, lt } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { muteOf, notOver, selectMutes } from './mute.js';

const { alertMutes } = schema;
const cursor = cursorFormat('mutes', { id: 'uuid' });

export const listMutes: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/mutes',
    config: { scope: 'read' },
    schema: {
      tags: ['policies'],
      operationId: 'listMutes',
      summary: 'Mutes and snoozes',
      description: 'Those that hold now or later, the newest first.',
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageSchemaOf('Mute'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Index: alert_mutes_listed.
        const rows = await selectMutes(view)
          .where(and(notOver(), after && lt(alertMutes.id, after.id)))
          .orderBy(desc(alertMutes.id))
          .limit(size + 1);
        return pageOf(rows, size, { item: muteOf, cursor, place: ({ id }) => ({ id }) });
      }),
  });
};
