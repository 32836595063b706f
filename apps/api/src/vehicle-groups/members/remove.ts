import { schema } from '@milepost/database';
import { and, eq } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../../authentication.js';
import { problemResponses } from '../../problems/responses.js';
import type { Route } from '../../route.js';
import { findVehicle } from '../../vehicles/find-vehicle.js';
import { findGroup } from '../vehicle-group.js';
import { memberParams } from './member-params.js';

const { vehicleGroupMembers } = schema;

export const removeGroupMember: Route = (app, { database }) => {
  app.route({
    method: 'DELETE',
    url: '/v1/vehicle-groups/:id/vehicles/:vehicleId',
    config: { scope: 'admin' },
    schema: {
      tags: ['vehicles'],
      operationId: 'removeGroupMember',
      summary: 'Take a vehicle out of a group',
      description: 'One that is not in it stays out.',
      params: memberParams,
      response: { 204: Type.Null({ description: 'It is no member' }), ...problemResponses('group_not_found', 'vehicle_not_found') },
    },
    handler: async (request, reply) => {
      await database.as(principalOf(request), async (view) => {
        const { id: groupId } = await findGroup(view, request.params.id);
        const { id: vehicle } = await findVehicle(view, request.params.vehicleId);
        await view.orm
          .delete(vehicleGroupMembers)
          .where(and(eq(vehicleGroupMembers.groupId, groupId), eq(vehicleGroupMembers.vehicle, vehicle)));
      });
      return reply.code(204).send(null);
    },
  });
};
