import { SnoozeSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { eq } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import { refuseTooManyMutes } from '../mutes/create.js';
import { muteOf, selectMutes } from '../mutes/mute.js';
import { ApiProblem, invalidField } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { lockedAlert } from './locked-alert.js';

const { alertHistory, alertMutes } = schema;

export const snoozeAlert: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/alerts/:id/snooze',
    config: { scope: 'alerts:write' },
    schema: {
      tags: ['alerts'],
      operationId: 'snoozeAlert',
      summary: 'Let one alert not be told again for a while',
      description: 'A mute of this alert alone: the next one of the vehicle is told. It is ended with `DELETE /v1/mutes/{id}`.',
      params: pathId.alert,
      body: SnoozeSchema,
      response: {
        201: { description: 'The mute', ...reference('Mute') },
        ...problemResponses(
          'invalid_json',
          'alert_not_found',
          'alert_resolved',
          'too_many_mutes',
          'body_too_large',
          'unsupported_media_type',
        ),
      },
    },
    handler: async (request, reply) => {
      const { until, reason = null } = request.body;
      const { organisationId, name: actor } = principalOf(request);
      const startsAt = new Date();
      if (Date.parse(until) <= startsAt.getTime()) throw invalidField('/until', 'must be later than now');
      const mute = await database.as({ organisationId }, async (view) => {
        await refuseTooManyMutes(view, organisationId);
        const alert = await lockedAlert(view, request.params.id);
        if (alert.status === 'resolved') throw new ApiProblem('alert_resolved', `Alert ${alert.id} was resolved: it is not told again.`);
        const target = alert.vehicle === null ? { scope: 'organisation' as const } : { scope: 'vehicle' as const, vehicle: alert.vehicle };
        const made = await view.orm
          .insert(alertMutes)
          .values({
            organisationId,
            ...target,
            types: [alert.type],
            alertId: alert.id,
            alertOpenedAt: alert.openedAt,
            startsAt,
            endsAt: new Date(until),
            reason,
            createdBy: actor,
          })
          .returning({ id: alertMutes.id, at: alertMutes.createdAt });
        const { id, at } = theRow(made);
        await view.orm.insert(alertHistory).values({ alertId: alert.id, organisationId, at, status: 'snoozed', actor, note: reason });
        return muteOf(theRow(await selectMutes(view).where(eq(alertMutes.id, id))));
      });
      return reply.code(201).send(mute);
    },
  });
};
