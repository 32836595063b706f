import { schema } from '@milepost/database';
import { gt } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQueryOfAnySize, pageSizeOf } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { vehiclesOf } from './vehicle.js';

const { vehicles } = schema;
const cursor = cursorFormat('vehicles', { vehicleId: 'text' });

export const listVehicles: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicles',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'listVehicles',
      summary: 'All vehicles',
      description: 'In the order of their ids.',
      querystring: Type.Object(pageQueryOfAnySize, { additionalProperties: false }),
      response: { 200: pageSchemaOf('Vehicle'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const size = pageSizeOf(query);
        // Index: vehicles_organisation.
        const rows = await view.orm
          .select({ id: vehicles.id, vehicleId: vehicles.vehicleId })
          .from(vehicles)
          .where(query.cursor === undefined ? undefined : gt(vehicles.vehicleId, cursor.read(query.cursor).vehicleId))
          .orderBy(vehicles.vehicleId)
          .limit(size + 1);
        const ids = rows.slice(0, size).map(({ id }) => id);
        const items = await vehiclesOf(view, ids);
        const page = pageOf(rows, items.length, { item: (row) => row.id, cursor, place: ({ vehicleId }) => ({ vehicleId }) });
        return { ...page, items };
      }),
  });
};
