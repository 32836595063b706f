import { schema } from '@milepost/database';
import { eq } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { noSuchGroup } from './vehicle-group.js';

const { vehicleGroups } = schema;

export const deleteVehicleGroup: Route = (app, { database }) => {
  app.route({
    method: 'DELETE',
    url: '/v1/vehicle-groups/:id',
    config: { scope: 'admin' },
    schema: {
      tags: ['vehicles'],
      operationId: 'deleteVehicleGroup',
      summary: 'Delete a group of vehicles',
      description: 'Its vehicles stay; what was said of the group holds no longer.',
      params: pathId.group,
      response: { 204: Type.Null({ description: 'It is gone' }), ...problemResponses('group_not_found') },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const deleted = isUuid(id)
        ? await database.as(principalOf(request), ({ orm }) =>
            orm.delete(vehicleGroups).where(eq(vehicleGroups.id, id)).returning({ id: vehicleGroups.id }),
          )
        : [];
      return deleted.length === 0 ? noSuchGroup(id) : reply.code(204).send(null);
    },
  });
};
