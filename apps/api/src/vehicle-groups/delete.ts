import { type GroupUses, groupUsesInWords, schema, sql } from '@milepost/database';
import { eq } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { holdGroups } from './hold-groups.js';
import { findGroup, noSuchGroup } from './vehicle-group.js';

const { vehicleGroups } = schema;
const uses = sql('groups/uses');

export const deleteVehicleGroup: Route = (app, { database }) => {
  app.route({
    method: 'DELETE',
    url: '/v1/vehicle-groups/:id',
    config: { scope: 'admin' },
    schema: {
      tags: ['vehicles'],
      operationId: 'deleteVehicleGroup',
      summary: 'Delete a group of vehicles',
      description:
        'Its vehicles stay; what was said of the group holds no longer: its policy, mutes and geofences go with it, and webhooks that name it match nothing by it. With `ifUnused=true` a group that one of them refers to is refused (`group_in_use`), and each is named.',
      params: pathId.group,
      querystring: Type.Object(
        { ifUnused: Type.Optional(Type.Boolean({ default: false, description: 'Only when nothing refers to it' })) },
        { additionalProperties: false },
      ),
      response: { 204: Type.Null({ description: 'It is gone' }), ...problemResponses('group_not_found', 'group_in_use') },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const deleted = isUuid(id)
        ? await database.as(principalOf(request), async (view) => {
            if (request.query.ifUnused) await refuseUsed(view, id);
            return view.orm.delete(vehicleGroups).where(eq(vehicleGroups.id, id)).returning({ id: vehicleGroups.id });
          })
        : [];
      return deleted.length === 0 ? noSuchGroup(id) : reply.code(204).send(null);
    },
  });
};

async function refuseUsed(view: OrganisationView, id: string): Promise<void> {
  await holdGroups(view);
  const { name } = await findGroup(view, id);
  const [found] = await view.rows<GroupUses>(uses, [id]);
  const by = found && groupUsesInWords(found);
  if (by === undefined) return;
  throw new ApiProblem(
    'group_in_use',
    `The group "${name}" is in use by ${by}. Take that back first, or delete the group without ifUnused: policy, mutes and geofences go with it, and webhooks match nothing by it.`,
  );
}
