import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { findVehicle } from './find-vehicle.js';
import { vehiclesOf } from './vehicle.js';

export const getVehicle: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicles/:id',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'getVehicle',
      summary: 'One vehicle',
      description: 'Its presence with the cause, last contact, newest valid position, latest signals, and the faults that are not cleared.',
      params: pathId.vehicle,
      response: { 200: { description: 'The vehicle', ...reference('Vehicle') }, ...problemResponses('vehicle_not_found') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { id } = await findVehicle(view, request.params.id);
        return theRow(await vehiclesOf(view, [id]));
      }),
  });
};
