import { PolicyPutSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { sql } from 'drizzle-orm';
import Type, { type TSchema } from 'typebox';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import type { ProblemCode } from '../problems/codes.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { holdGroups } from '../vehicle-groups/hold-groups.js';
import { checkSettings, ofTarget, type PolicyTarget, policyOf, selectPolicies } from './policy.js';

const { alertPolicies } = schema;

export interface TargetRoutes {
  url: string;
  /** Ends the names of the operations: putOrganisationPolicy. */
  name: string;
  /** Whose policy, in a summary. */
  whose: string;
  params?: TSchema;
  problems: ProblemCode[];
  /** @throws ApiProblem when there is no such target. */
  target(view: OrganisationView, params: Record<string, string>): Promise<PolicyTarget>;
}

/** Reads, writes and takes away the policy of one kind of target: the three are alike but for whom they mean. */
export function policyRoutes({ url, name, whose, params, problems, target }: TargetRoutes): Route[] {
  const shared = { tags: ['policies'], ...(params && { params }) };
  const get: Route = (app, { database }) => {
    app.route({
      method: 'GET',
      url,
      config: { scope: 'read' },
      schema: {
        ...shared,
        operationId: `get${name}Policy`,
        summary: `What was said for ${whose}`,
        response: { 200: { description: 'The policy', ...reference('Policy') }, ...problemResponses('policy_not_found', ...problems) },
      },
      handler: (request) =>
        database.as(principalOf(request), async (view) => {
          const [row] = await selectPolicies(view).where(ofTarget(await target(view, request.params as Record<string, string>)));
          return row === undefined ? nothingSaid() : policyOf(row);
        }),
    });
  };
  const put: Route = (app, { database }) => {
    app.route({
      method: 'PUT',
      url,
      config: { scope: 'admin' },
      schema: {
        ...shared,
        operationId: `put${name}Policy`,
        summary: `Say what holds for ${whose}`,
        description:
          'In place of what was said before. It holds within seconds, for who is suspect already too; what was opened stays open.',
        body: PolicyPutSchema,
        response: {
          200: { description: 'The policy', ...reference('Policy') },
          ...problemResponses('invalid_json', ...problems, 'body_too_large', 'unsupported_media_type'),
        },
      },
      handler: (request) => {
        const { settings, priority = 0 } = request.body;
        checkSettings(settings);
        const { organisationId, name: actor } = principalOf(request);
        return database.as({ organisationId }, async (view) => {
          await holdGroups(view);
          const meant = await target(view, request.params as Record<string, string>);
          const said = { settings, priority: meant.scope === 'group' ? priority : 0, updatedAt: sql`now()`, updatedBy: actor };
          const { vehicleId: _, ...columns } = { vehicleId: undefined, ...meant };
          const change = () => view.orm.update(alertPolicies).set(said).where(ofTarget(meant)).returning({ id: alertPolicies.id });
          if ((await change()).length === 0) {
            const made = await view.orm
              .insert(alertPolicies)
              .values({ organisationId, ...columns, ...said })
              .onConflictDoNothing()
              .returning({ id: alertPolicies.id });
            // Somebody else said the first word in between: this is the last.
            if (made.length === 0) await change();
          }
          return policyOf(theRow(await selectPolicies(view).where(ofTarget(meant))));
        });
      },
    });
  };
  const remove: Route = (app, { database }) => {
    app.route({
      method: 'DELETE',
      url,
      config: { scope: 'admin' },
      schema: {
        ...shared,
        operationId: `delete${name}Policy`,
        summary: `Take back what was said for ${whose}`,
        response: { 204: Type.Null({ description: 'There is none' }), ...problemResponses('policy_not_found', ...problems) },
      },
      handler: async (request, reply) => {
        const deleted = await database.as(principalOf(request), async (view) => {
          const meant = await target(view, request.params as Record<string, string>);
          return view.orm.delete(alertPolicies).where(ofTarget(meant)).returning({ id: alertPolicies.id });
        });
        return deleted.length === 0 ? nothingSaid() : reply.code(204).send(null);
      },
    });
  };
  return [get, put, remove];
}

function nothingSaid(): never {
  throw new ApiProblem('policy_not_found', 'Nothing was said here: what holds comes from the wider policies.');
}
