import { schema } from '@milepost/database';
import { asc, gt } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { geofenceOf, selectGeofences } from './geofence.js';

const { geofences } = schema;
const cursor = cursorFormat('geofences', { name: 'text' });

export const listGeofences: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/geofences',
    config: { scope: 'read' },
    schema: {
      tags: ['geofences'],
      operationId: 'listGeofences',
      summary: 'Geofences',
      description: 'By name.',
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageSchemaOf('Geofence'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Index: geofences_organisation_id_name_key.
        const rows = await selectGeofences(view)
          .where(after && gt(geofences.name, after.name))
          .orderBy(asc(geofences.name))
          .limit(size + 1);
        return pageOf(rows, size, { item: geofenceOf, cursor, place: ({ name }) => ({ name }) });
      }),
  });
};
