import { alertStatuses, alertTypes, vehicleIdPattern } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, desc, eq, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pageOf, pageQueryOfAnySize, pageSizeOf, roomWithin } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { timeRangeQuery, withinRange } from '../shared/time-range.js';
import { alertOf, alertsById, selectAlertSizes } from './alert.js';

const { alerts, vehicles } = schema;
const cursor = cursorFormat('alerts', { openedAt: 'instant', id: 'uuid' });

export const listAlerts: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/alerts',
    config: { scope: 'read' },
    schema: {
      tags: ['alerts'],
      operationId: 'listAlerts',
      summary: 'Alerts',
      description: 'The newest first, by `openedAt`.',
      querystring: Type.Object(
        {
          status: Type.Optional(Type.Enum([...alertStatuses], { description: 'Only alerts of this status' })),
          type: Type.Optional(Type.Enum([...alertTypes], { description: 'Only alerts of this type' })),
          vehicleId: Type.Optional(Type.String({ pattern: vehicleIdPattern, description: 'Only alerts of this vehicle' })),
          ...timeRangeQuery,
          ...pageQueryOfAnySize,
        },
        { additionalProperties: false },
      ),
      response: { 200: pageSchemaOf('Alert'), ...problemResponses('invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        const vehicle = view.orm
          .select({ id: vehicles.id })
          .from(vehicles)
          .where(eq(vehicles.vehicleId, query.vehicleId ?? ''));
        // Indexes: alerts_organisation, alerts_vehicle.
        const rows = await selectAlertSizes(view)
          .where(
            and(
              query.status && eq(alerts.status, query.status),
              query.type && eq(alerts.type, query.type),
              query.vehicleId === undefined ? undefined : eq(alerts.vehicle, sql`(${vehicle})`),
              ...withinRange(alerts.openedAt, query),
              after && sql`(${alerts.openedAt}, ${alerts.id}) < (${after.openedAt.toISOString()}, ${after.id})`,
            ),
          )
          .orderBy(desc(alerts.openedAt), desc(alerts.id))
          .limit(size + 1);
        const page = pageOf(rows, roomWithin(rows, size), {
          item: ({ id }) => id,
          cursor,
          place: ({ openedAt, id }) => ({ openedAt, id }),
        });
        return { ...page, items: (await alertsById(view, page.items)).map(alertOf) };
      }),
  });
};
