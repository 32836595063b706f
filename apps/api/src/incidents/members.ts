import { schema } from '@milepost/database';
import { and, asc, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { pathId } from '../shared/ids.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { instantText, present } from '../shared/present.js';
import { pageSchemaOf } from '../shared/references.js';
import { findIncident } from './incident.js';

const { alerts, incidentMembers, vehicles } = schema;
const cursor = cursorFormat('incident-members', { vehicleId: 'text' });

/** Index: alerts_vehicle. */
const ownAlert = sql<string | null>`(
  select a.id from ${alerts} a
   where a.vehicle = ${incidentMembers.vehicle} and a.incident_id = ${incidentMembers.incidentId}
   order by a.opened_at desc limit 1
)`;

export const listIncidentMembers: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/incidents/:id/vehicles',
    config: { scope: 'read' },
    schema: {
      tags: ['alerts'],
      operationId: 'listIncidentMembers',
      summary: 'Vehicles of an incident',
      description: 'By their ids: everybody who ever was in it, with who is back since when.',
      params: pathId.incident,
      querystring: Type.Object(
        { returned: Type.Optional(Type.Boolean({ description: 'Only those that are back, or only those that are not' })), ...pageQuery },
        { additionalProperties: false },
      ),
      response: { 200: pageSchemaOf('IncidentMember'), ...problemResponses('incident_not_found', 'invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const { returned } = query;
        const { id } = await findIncident(view, request.params.id);
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Indexes: incident_members_pkey, vehicles_pkey.
        const rows = await view.orm
          .select({
            vehicleId: vehicles.vehicleId,
            joinedAt: incidentMembers.joinedAt,
            returnedAt: incidentMembers.returnedAt,
            alertId: ownAlert,
          })
          .from(incidentMembers)
          .innerJoin(vehicles, eq(vehicles.id, incidentMembers.vehicle))
          .where(
            and(
              eq(incidentMembers.incidentId, id),
              returned === undefined ? undefined : (returned ? isNotNull : isNull)(incidentMembers.returnedAt),
              after && gt(vehicles.vehicleId, after.vehicleId),
            ),
          )
          .orderBy(asc(vehicles.vehicleId))
          .limit(size + 1);
        const item = ({ joinedAt, returnedAt, ...row }: (typeof rows)[number]) =>
          present({ ...row, joinedAt: instantText(joinedAt), returnedAt: instantText(returnedAt) });
        return pageOf(rows, size, { item, cursor, place: ({ vehicleId }) => ({ vehicleId }) });
      }),
  });
};
