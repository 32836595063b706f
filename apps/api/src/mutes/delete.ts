import { schema } from '@milepost/database';
import { eq, sql } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';

const { alertHistory, alertMutes } = schema;

export const deleteMute: Route = (app, { database }) => {
  app.route({
    method: 'DELETE',
    url: '/v1/mutes/:id',
    config: { scope: 'alerts:write' },
    schema: {
      tags: ['policies'],
      operationId: 'deleteMute',
      summary: 'End a mute or a snooze',
      description: 'What is open and was not told is told within seconds.',
      params: pathId.mute,
      response: { 204: Type.Null({ description: 'It is over' }), ...problemResponses('mute_not_found') },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { organisationId, name: actor } = principalOf(request);
      const deleted = isUuid(id)
        ? await database.as({ organisationId }, async ({ orm }) => {
            const ended = await orm
              .delete(alertMutes)
              .where(eq(alertMutes.id, id))
              .returning({ alertId: alertMutes.alertId, wasOver: sql<boolean>`coalesce(${alertMutes.endsAt} <= now(), false)` });
            // A snooze is a step of its alert, and so is its end, unless it was over anyway.
            for (const { alertId, wasOver } of ended)
              if (alertId !== null && !wasOver)
                await orm.insert(alertHistory).values({ alertId, organisationId, at: sql`now()`, status: 'unsnoozed', actor });
            return ended;
          })
        : [];
      if (deleted.length === 0)
        throw new ApiProblem('mute_not_found', `No mute with the id ${id} is known in this organisation; GET /v1/mutes lists them.`);
      return reply.code(204).send(null);
    },
  });
};
