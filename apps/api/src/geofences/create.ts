import { GeofenceCreateSchema, maxGeofences } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { count } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { reference } from '../shared/references.js';
import { holdGroups } from '../vehicle-groups/hold-groups.js';
import { findGroup } from '../vehicle-groups/vehicle-group.js';
import { geofenceColumns, geofenceExists, geofenceOf, lockGeofences, refuseUnusableShape } from './geofence.js';

const { geofences } = schema;

export const createGeofence: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/geofences',
    config: { scope: 'admin' },
    schema: {
      tags: ['geofences'],
      operationId: 'createGeofence',
      summary: 'Make a geofence',
      description:
        'A circle, or a polygon as in RFC 7946 that does not cross ±180°. Where a vehicle is first seen is no crossing; from then on going in and out are alerts, as `alertOn` says.',
      body: GeofenceCreateSchema,
      response: {
        201: { description: 'The geofence', ...reference('Geofence') },
        ...problemResponses(
          'invalid_json',
          'group_not_found',
          'geofence_exists',
          'too_many_geofences',
          'body_too_large',
          'unsupported_media_type',
        ),
      },
    },
    handler: async (request, reply) => {
      const { name, shape, description = null, alertOn = 'both', enabled = true, groupId } = request.body;
      refuseUnusableShape(shape);
      const { organisationId } = principalOf(request);
      const [created] = await database.as({ organisationId }, async (view) => {
        await lockGeofences(view, organisationId);
        await holdGroups(view);
        await refuseTooMany(view);
        const group = groupId === undefined ? null : (await findGroup(view, groupId)).id;
        return view.orm
          .insert(geofences)
          .values({ organisationId, name, shape, description, alertOn, enabled, groupId: group })
          .onConflictDoNothing()
          .returning(geofenceColumns);
      });
      return reply.code(201).send(created === undefined ? geofenceExists(name) : geofenceOf(created));
    },
  });
};

async function refuseTooMany({ orm }: OrganisationView): Promise<void> {
  const [row] = await orm.select({ standing: count() }).from(geofences);
  if ((row?.standing ?? 0) < maxGeofences) return;
  throw new ApiProblem('too_many_geofences', `An organisation may have ${maxGeofences} geofences. Delete one that is no longer needed.`, {
    limit: maxGeofences,
  });
}
