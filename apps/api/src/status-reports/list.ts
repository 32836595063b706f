import { sql } from '@milepost/database';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { historyReader } from '../shared/history.js';
import { pathId } from '../shared/ids.js';
import { pageQuery } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { timeRangeQuery } from '../shared/time-range.js';
import { findVehicle } from '../vehicles/find-vehicle.js';
import { type StatusReportRow, statusReportOf } from './status-report.js';

const read = historyReader({
  table: 'status_reports',
  statement: sql('api/status-reports'),
  item: statusReportOf,
  place: (row: StatusReportRow) => ({ at: row.receivedAt, tie: BigInt(row.sourceOffset) }),
});

export const listStatusReports: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicles/:id/status-reports',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'listStatusReports',
      summary: 'A vehicle’s status messages',
      description: 'What it published on `fleet/{id}/status`, ascending by `receivedAt`. They never change its presence.',
      params: pathId.vehicle,
      querystring: Type.Object({ ...timeRangeQuery, ...pageQuery }, { additionalProperties: false }),
      response: { 200: pageSchemaOf('StatusReport'), ...problemResponses('invalid_cursor', 'vehicle_not_found', 'cursor_expired') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => read(view, await findVehicle(view, request.params.id), request.query)),
  });
};
