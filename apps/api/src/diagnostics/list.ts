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
import { type DiagnosticsRow, diagnosticsOf } from './diagnostics.js';

const read = historyReader({
  table: 'diagnostics',
  statement: sql('api/diagnostics'),
  isOfAnySize: true,
  item: diagnosticsOf,
  place: (row: DiagnosticsRow) => ({ at: row.recordedAt, tie: BigInt(row.identity) }),
});

export const listDiagnostics: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicles/:id/diagnostics',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'listDiagnostics',
      summary: 'A vehicle’s diagnostics reports',
      description: 'Ascending by `recordedAt`; two of the same millisecond in a fixed order.',
      params: pathId.vehicle,
      querystring: Type.Object({ ...timeRangeQuery, ...pageQueryOfAnySize }, { additionalProperties: false }),
      response: { 200: pageSchemaOf('Diagnostics'), ...problemResponses('invalid_cursor', 'vehicle_not_found', 'cursor_expired') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => read(view, await findVehicle(view, request.params.id), request.query)),
  });
};
