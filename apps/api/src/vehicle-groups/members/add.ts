import { schema } from '@milepost/database';
import Type from 'typebox';
import { principalOf } from '../../authentication.js';
import { problemResponses } from '../../problems/responses.js';
import type { Route } from '../../route.js';
import { findVehicle } from '../../vehicles/find-vehicle.js';
import { holdGroups } from '../hold-groups.js';
import { findGroup } from '../vehicle-group.js';
import { memberParams } from './member-params.js';

const { vehicleGroupMembers } = schema;

export const addGroupMember: Route = (app, { database }) => {
  app.route({
    method: 'PUT',
    url: '/v1/vehicle-groups/:id/vehicles/:vehicleId',
    config: { scope: 'admin' },
    schema: {
      tags: ['vehicles'],
      operationId: 'addGroupMember',
      summary: 'Put a vehicle into a group',
      description: 'A vehicle may be in several groups. One that is in it already stays.',
      params: memberParams,
      response: { 204: Type.Null({ description: 'It is a member' }), ...problemResponses('group_not_found', 'vehicle_not_found') },
    },
    handler: async (request, reply) => {
      const { organisationId } = principalOf(request);
      await database.as({ organisationId }, async (view) => {
        await holdGroups(view);
        const { id: groupId } = await findGroup(view, request.params.id);
        const { id: vehicle } = await findVehicle(view, request.params.vehicleId);
        await view.orm.insert(vehicleGroupMembers).values({ groupId, vehicle, organisationId }).onConflictDoNothing();
      });
      return reply.code(204).send(null);
    },
  });
};
