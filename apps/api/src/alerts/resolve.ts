import { AcknowledgeSchema, type DismissFact, emergencyTypes } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { sql } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { alertOf } from './alert.js';
import { lockedAlert } from './locked-alert.js';

const { alertHistory, conditionFacts } = schema;

export const resolveAlert: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/alerts/:id/resolve',
    config: { scope: 'alerts:write' },
    schema: {
      tags: ['alerts'],
      operationId: 'resolveAlert',
      summary: 'Say that an emergency is over',
      description:
        'Of an SOS or a crash; every other alert is resolved by what the vehicle does. The history has who said so, and alerts resolves it in a moment: the answer shows it as it stands. A new event is a new alert; one that came before the judgement of this leaves the alert open, with a higher count.',
      params: pathId.alert,
      body: AcknowledgeSchema,
      response: {
        202: { description: 'The alert, which is about to be resolved', ...reference('Alert') },
        ...problemResponses(
          'invalid_json',
          'alert_not_found',
          'alert_resolved',
          'alert_ends_by_itself',
          'body_too_large',
          'unsupported_media_type',
        ),
      },
    },
    // The note is optional, and so is the body.
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async (request, reply) => {
      const { name: actor, organisationId } = principalOf(request);
      const alert = await database.as({ organisationId }, async (view) => {
        const row = await lockedAlert(view, request.params.id);
        if (row.status === 'resolved') throw new ApiProblem('alert_resolved', `Alert ${row.id} was resolved already.`);
        const type = emergencyTypes.find((known) => known === row.type);
        if (type === undefined || row.vehicle === null)
          throw new ApiProblem(
            'alert_ends_by_itself',
            `Alert ${row.id} is of type ${row.type}: it is resolved when that is over. Snooze it meanwhile.`,
          );
        await view.orm
          .insert(alertHistory)
          .values({ alertId: row.id, organisationId, at: sql`now()`, status: 'dismissed', actor, note: request.body.note ?? null });
        const seen = alertOf(row);
        const count = seen.condition?.count;
        const fact: DismissFact = { kind: 'dismiss', type, openedAtMs: Date.parse(seen.openedAt), ...(count !== undefined && { count }) };
        await view.orm
          .insert(conditionFacts)
          .values({ organisationId, vehicle: row.vehicle, recordedAt: sql`now()`, receivedAt: sql`now()`, identity: 0n, fact });
        return seen;
      });
      return reply.code(202).send(alert);
    },
  });
};
