import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { findGeofence, geofenceOf } from './geofence.js';

export const getGeofence: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/geofences/:id',
    config: { scope: 'read' },
    schema: {
      tags: ['geofences'],
      operationId: 'getGeofence',
      summary: 'One geofence',
      params: pathId.geofence,
      response: { 200: { description: 'The geofence', ...reference('Geofence') }, ...problemResponses('geofence_not_found') },
    },
    handler: (request) => database.as(principalOf(request), async (view) => geofenceOf(await findGeofence(view, request.params.id))),
  });
};
