import { maxVehicleGroups, VehicleGroupCreateSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { count, sql } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { reference } from '../shared/references.js';
import { groupOf } from './vehicle-group.js';

const { vehicleGroups } = schema;

/** Of one organisation. */

export const createVehicleGroup: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/vehicle-groups',
    config: { scope: 'admin' },
    schema: {
      tags: ['vehicles'],
      operationId: 'createVehicleGroup',
      summary: 'Make a group of vehicles',
      description: 'It is empty at first.',
      body: VehicleGroupCreateSchema,
      response: {
        201: { description: 'The group', ...reference('VehicleGroup') },
        ...problemResponses('invalid_json', 'group_exists', 'too_many_groups', 'body_too_large', 'unsupported_media_type'),
      },
    },
    handler: async (request, reply) => {
      const { name, description = null } = request.body;
      const { organisationId } = principalOf(request);
      const [created] = await database.as({ organisationId }, async (view) => {
        await refuseTooMany(view, organisationId);
        return view.orm.insert(vehicleGroups).values({ organisationId, name, description }).onConflictDoNothing().returning({
          id: vehicleGroups.id,
          name: vehicleGroups.name,
          description: vehicleGroups.description,
          createdAt: vehicleGroups.createdAt,
        });
      });
      if (created === undefined)
        throw new ApiProblem(
          'group_exists',
          `A group of this organisation is called "${name}" already. Choose another name, or use that group.`,
        );
      return reply.code(201).send(groupOf({ ...created, vehicles: 0 }));
    },
  });
};

async function refuseTooMany({ orm }: OrganisationView, organisationId: number): Promise<void> {
  // One at a time for an organisation: two at once would both count the same.
  await orm.execute(sql`select pg_advisory_xact_lock(hashtext('milepost.vehicle-groups'), ${organisationId})`);
  const [row] = await orm.select({ standing: count() }).from(vehicleGroups);
  if ((row?.standing ?? 0) < maxVehicleGroups) return;
  throw new ApiProblem(
    'too_many_groups',
    `An organisation may have ${maxVehicleGroups} groups of vehicles. Delete one that is no longer needed.`,
    {
      limit: maxVehicleGroups,
    },
  );
}
