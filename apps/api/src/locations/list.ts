import { sql } from '@milepost/database';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { historyReader } from '../shared/history.js';
import { pathId } from '../shared/ids.js';
import { pageQueryOfAnySize } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { timeRangeQuery } from '../shared/time-range.js';
import { findVehicle } from '../vehicles/find-vehicle.js';
import { type FixRow, fixOf } from './fix.js';

const read = historyReader({
  table: 'locations',
  statement: sql('api/locations'),
  isOfAnySize: true,
  item: fixOf,
  place: (row: FixRow & { identity: string }) => ({ at: row.recordedAt, tie: BigInt(row.identity) }),
});

export const listLocations: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicles/:id/locations',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'listLocations',
      summary: 'A vehicle’s fixes',
      description:
        'Ascending by `recordedAt`; two of the same millisecond in a fixed order. Also those without a valid position (`fixValid: false`).',
      params: pathId.vehicle,
      querystring: Type.Object({ ...timeRangeQuery, ...pageQueryOfAnySize }, { additionalProperties: false }),
      response: { 200: pageSchemaOf('Fix'), ...problemResponses('invalid_cursor', 'vehicle_not_found', 'cursor_expired') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => read(view, await findVehicle(view, request.params.id), request.query)),
  });
};
