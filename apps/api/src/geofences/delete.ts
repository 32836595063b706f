import { schema } from '@milepost/database';
import { eq } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { noSuchGeofence } from './geofence.js';

const { geofences } = schema;

export const deleteGeofence: Route = (app, { database }) => {
  app.route({
    method: 'DELETE',
    url: '/v1/geofences/:id',
    config: { scope: 'admin' },
    schema: {
      tags: ['geofences'],
      operationId: 'deleteGeofence',
      summary: 'Delete a geofence',
      description: 'Alerts that it opened are resolved.',
      params: pathId.geofence,
      response: { 204: Type.Null({ description: 'It is gone' }), ...problemResponses('geofence_not_found') },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const deleted = isUuid(id)
        ? await database.as(principalOf(request), ({ orm }) =>
            orm.delete(geofences).where(eq(geofences.id, id)).returning({ id: geofences.id }),
          )
        : [];
      return deleted.length === 0 ? noSuchGeofence(id) : reply.code(204).send(null);
    },
  });
};
