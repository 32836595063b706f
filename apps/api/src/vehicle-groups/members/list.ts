import { schema } from '@milepost/database';
import { and, asc, eq, gt } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../../authentication.js';
import { problemResponses } from '../../problems/responses.js';
import type { Route } from '../../route.js';
import { cursorFormat } from '../../shared/cursor.js';
import { pathId } from '../../shared/ids.js';
import { pageOf, pageQuery, pageSizeOf } from '../../shared/page.js';
import { instantText } from '../../shared/present.js';
import { pageSchemaOf } from '../../shared/references.js';
import { findGroup } from '../vehicle-group.js';

const { vehicleGroupMembers, vehicles } = schema;
const cursor = cursorFormat('group-members', { vehicleId: 'text' });

export const listGroupMembers: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicle-groups/:id/vehicles',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'listGroupMembers',
      summary: 'Vehicles of a group',
      description: 'By their ids.',
      params: pathId.group,
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageSchemaOf('GroupMember'), ...problemResponses('group_not_found', 'invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { query } = request;
        const { id } = await findGroup(view, request.params.id);
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        // Indexes: vehicle_group_members_pkey, vehicles_pkey.
        const rows = await view.orm
          .select({ vehicleId: vehicles.vehicleId, addedAt: vehicleGroupMembers.addedAt })
          .from(vehicleGroupMembers)
          .innerJoin(vehicles, eq(vehicles.id, vehicleGroupMembers.vehicle))
          .where(and(eq(vehicleGroupMembers.groupId, id), after && gt(vehicles.vehicleId, after.vehicleId)))
          .orderBy(asc(vehicles.vehicleId))
          .limit(size + 1);
        const item = ({ vehicleId, addedAt }: (typeof rows)[number]) => ({ vehicleId, addedAt: instantText(addedAt) });
        return pageOf(rows, size, { item, cursor, place: ({ vehicleId }) => ({ vehicleId }) });
      }),
  });
};
