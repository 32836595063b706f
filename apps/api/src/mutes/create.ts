import { MuteCreateSchema, type PolicyScope } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { count, eq, sql } from 'drizzle-orm';
import type { Static } from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem, invalidField } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { holdGroups } from '../vehicle-groups/hold-groups.js';
import { findGroup } from '../vehicle-groups/vehicle-group.js';
import { findVehicle } from '../vehicles/find-vehicle.js';
import { muteOf, notOver, selectMutes } from './mute.js';

const { alertMutes } = schema;

/** Of one organisation, at a time: each is looked through at every alert. */
export const maxMutes = 1_000;

export const createMute: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/mutes',
    config: { scope: 'alerts:write' },
    schema: {
      tags: ['policies'],
      operationId: 'createMute',
      summary: 'Let nothing be told for a while',
      description:
        'Of a vehicle, of a group, or, where neither is named, of the whole organisation; without an end that only where `scope` says so. Alerts open and are resolved as ever; what is still open when the mute ends is told then.',
      body: MuteCreateSchema,
      response: {
        201: { description: 'The mute', ...reference('Mute') },
        ...problemResponses(
          'invalid_json',
          'group_not_found',
          'vehicle_not_found',
          'too_many_mutes',
          'body_too_large',
          'unsupported_media_type',
        ),
      },
    },
    handler: async (request, reply) => {
      const { groupId, vehicleId, types, from, until, reason } = request.body;
      refuseUnlessMeant(request.body);
      const startsAt = from === undefined ? new Date() : new Date(from);
      if (until !== undefined && Date.parse(until) <= Math.max(startsAt.getTime(), Date.now()))
        throw invalidField('/until', 'must be later than now and than from');
      const { organisationId, name: createdBy } = principalOf(request);
      const mute = await database.as({ organisationId }, async (view) => {
        await refuseTooManyMutes(view, organisationId);
        await holdGroups(view);
        const made = await view.orm
          .insert(alertMutes)
          .values({
            organisationId,
            ...(await targetOf(view, { groupId, vehicleId })),
            types: types ?? null,
            startsAt,
            endsAt: until === undefined ? null : new Date(until),
            reason: reason ?? null,
            createdBy,
          })
          .returning({ id: alertMutes.id });
        return muteOf(theRow(await selectMutes(view).where(eq(alertMutes.id, theRow(made).id))));
      });
      return reply.code(201).send(mute);
    },
  });
};

/** What is left out, by mistake perhaps, must not silence everybody for good. @throws ApiProblem `invalid_request` */
function refuseUnlessMeant({ scope, groupId, vehicleId, until }: Static<typeof MuteCreateSchema>): void {
  if (groupId !== undefined && vehicleId !== undefined) throw invalidField('/vehicleId', 'Name a group or a vehicle, not both.');
  const named: PolicyScope = groupId !== undefined ? 'group' : vehicleId !== undefined ? 'vehicle' : 'organisation';
  if (scope !== undefined && scope !== named)
    throw invalidField(
      '/scope',
      `says ${scope}, and the body names ${named === 'organisation' ? 'no group and no vehicle' : `a ${named}`}`,
    );
  if (scope === undefined && named === 'organisation' && until === undefined)
    throw invalidField('/scope', 'is missing: the body names neither groupId nor vehicleId nor until. Name one, or say "organisation".');
}

/** @throws ApiProblem `too_many_mutes` */
export async function refuseTooManyMutes({ orm }: OrganisationView, organisationId: number): Promise<void> {
  // One at a time for an organisation: two at once would both count the same.
  await orm.execute(sql`select pg_advisory_xact_lock(hashtext('milepost.mutes'), ${organisationId})`);
  const [row] = await orm.select({ standing: count() }).from(alertMutes).where(notOver());
  if ((row?.standing ?? 0) < maxMutes) return;
  throw new ApiProblem('too_many_mutes', `An organisation may have ${maxMutes} mutes at a time. Delete one, or mute a group.`, {
    limit: maxMutes,
  });
}

async function targetOf(view: OrganisationView, { groupId, vehicleId }: { groupId: string | undefined; vehicleId: string | undefined }) {
  if (groupId !== undefined) return { scope: 'group' as const, groupId: (await findGroup(view, groupId)).id };
  if (vehicleId !== undefined) return { scope: 'vehicle' as const, vehicle: (await findVehicle(view, vehicleId)).id };
  return { scope: 'organisation' as const };
}
