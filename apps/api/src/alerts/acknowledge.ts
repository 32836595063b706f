import { AcknowledgeSchema, type Event } from '@milepost/contracts';
import { type ApiKey, schema } from '@milepost/database';
import { eq, sql } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { type AlertRow, alertOf } from './alert.js';
import { lockedAlert } from './locked-alert.js';

const { alerts, alertHistory, outbox } = schema;

export const acknowledgeAlert: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/alerts/:id/acknowledge',
    config: { scope: 'alerts:write' },
    schema: {
      tags: ['alerts'],
      operationId: 'acknowledgeAlert',
      summary: 'Say that somebody looks after an alert',
      description:
        'The key’s name stands as the actor. An alert that is acknowledged already is answered as it stands: the first acknowledgement counts.',
      params: pathId.alert,
      body: AcknowledgeSchema,
      response: {
        200: { description: 'The alert', ...reference('Alert') },
        ...problemResponses('invalid_json', 'alert_not_found', 'alert_resolved', 'body_too_large', 'unsupported_media_type'),
      },
    },
    // The note is optional, and so is the body.
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const row = await lockedAlert(view, request.params.id);
        switch (row.status) {
          case 'resolved':
            throw new ApiProblem('alert_resolved', `Alert ${row.id} was resolved: there is nothing left to acknowledge.`);
          case 'acknowledged':
            return alertOf(row);
          case 'open':
            return acknowledged(view, row, principalOf(request), request.body.note);
        }
      }),
  });
};

/** State, history and event together, or none of them. */
async function acknowledged({ orm }: OrganisationView, row: AlertRow, { name, organisationId }: ApiKey, note: string | undefined) {
  const changed = await orm
    .update(alerts)
    .set({ status: 'acknowledged', acknowledgedAt: sql`now()`, acknowledgedBy: name, note: note ?? null })
    .where(eq(alerts.id, row.id))
    .returning({
      status: alerts.status,
      acknowledgedAt: sql<Date>`${alerts.acknowledgedAt}`.mapWith(alerts.acknowledgedAt),
      acknowledgedBy: alerts.acknowledgedBy,
      note: alerts.note,
      eventId: sql<string>`uuidv7()`,
    });
  const { eventId, ...state } = theRow(changed);
  const alert = alertOf({ ...row, ...state });
  const event: Event = { id: eventId, type: 'alert.acknowledged', timestamp: state.acknowledgedAt.toISOString(), data: { alert } };
  await orm.insert(alertHistory).values({
    alertId: row.id,
    organisationId,
    at: state.acknowledgedAt,
    status: 'acknowledged',
    actor: name,
    note: note ?? null,
  });
  await orm.insert(outbox).values({
    eventId,
    organisationId,
    type: event.type,
    subject: row.id,
    recordKey: row.vehicleId ?? row.id,
    body: JSON.stringify(event),
  });
  return alert;
}
