import { schema } from '@milepost/database';
import { asc, gt } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { groupOf, selectGroups } from './vehicle-group.js';

const { vehicleGroups } = schema;
const cursor = cursorFormat('vehicle-groups', { name: 'text' });

export const listVehicleGroups: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicle-groups',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'listVehicleGroups',
      summary: 'Groups of vehicles',
      description: 'By name.',
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageSchemaOf('VehicleGroup'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Index: vehicle_groups_organisation_id_name_key.
        const rows = await selectGroups(view)
          .where(after && gt(vehicleGroups.name, after.name))
          .orderBy(asc(vehicleGroups.name))
          .limit(size + 1);
        return pageOf(rows, size, { item: groupOf, cursor, place: ({ name }) => ({ name }) });
      }),
  });
};
