import { GeofenceUpdateSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { and, eq, ne, sql } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { findGeofence, geofenceColumns, geofenceExists, geofenceOf, lockGeofences, noSuchGeofence } from './geofence.js';

const { geofences } = schema;

export const updateGeofence: Route = (app, { database }) => {
  app.route({
    method: 'PATCH',
    url: '/v1/geofences/:id',
    config: { scope: 'admin' },
    schema: {
      tags: ['geofences'],
      operationId: 'updateGeofence',
      summary: 'Change a geofence',
      description:
        'What the body does not name stays as it is. Another shape is another geofence. An alert that would not be open under the changed fence is resolved.',
      params: pathId.geofence,
      body: GeofenceUpdateSchema,
      response: {
        200: { description: 'The geofence', ...reference('Geofence') },
        ...problemResponses('invalid_json', 'geofence_not_found', 'geofence_exists', 'body_too_large', 'unsupported_media_type'),
      },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { name, description, alertOn, enabled } = request.body;
        const { id } = await findGeofence(view, request.params.id);
        if (name !== undefined) {
          await lockGeofences(view, principalOf(request).organisationId);
          const [taken] = await view.orm
            .select({ id: geofences.id })
            .from(geofences)
            .where(and(eq(geofences.name, name), ne(geofences.id, id)));
          if (taken !== undefined) return geofenceExists(name);
        }
        const changed = await view.orm
          .update(geofences)
          .set({
            ...(name !== undefined && { name }),
            ...(description !== undefined && { description }),
            ...(alertOn !== undefined && { alertOn }),
            ...(enabled !== undefined && { enabled }),
            updatedAt: sql`now()`,
          })
          .where(eq(geofences.id, id))
          .returning(geofenceColumns);
        // Somebody may have deleted it since it was found.
        const [fence] = changed;
        return fence === undefined ? noSuchGeofence(id) : geofenceOf(fence);
      }),
  });
};
