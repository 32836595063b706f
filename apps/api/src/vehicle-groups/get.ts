import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { findGroup, groupOf } from './vehicle-group.js';

export const getVehicleGroup: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicle-groups/:id',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'getVehicleGroup',
      summary: 'One group of vehicles',
      params: pathId.group,
      response: { 200: { description: 'The group', ...reference('VehicleGroup') }, ...problemResponses('group_not_found') },
    },
    handler: (request) => database.as(principalOf(request), async (view) => groupOf(await findGroup(view, request.params.id))),
  });
};
