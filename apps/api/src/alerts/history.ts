import { schema } from '@milepost/database';
import { and, asc, eq, gt } from 'drizzle-orm';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { cursorFormat } from '../shared/cursor.js';
import { isUuid, pathId } from '../shared/ids.js';
import { pageOf, pageQuery, pageSizeOf } from '../shared/page.js';
import { instantText, present } from '../shared/present.js';
import { pageSchemaOf } from '../shared/references.js';
import { noSuchAlert } from './alert.js';

const { alerts, alertHistory } = schema;
const cursor = cursorFormat('alert-history', { id: 'bigint' });

export const listAlertHistory: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/alerts/:id/history',
    config: { scope: 'read' },
    schema: {
      tags: ['alerts'],
      operationId: 'listAlertHistory',
      summary: 'Every step of an alert, with who and when',
      description: 'The oldest first.',
      params: pathId.alert,
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageSchemaOf('AlertHistoryEntry'), ...problemResponses('alert_not_found', 'invalid_cursor') },
    },
    handler: (request) =>
      database.as(principalOf(request), async ({ orm }) => {
        const { query } = request;
        const { id } = request.params;
        const size = pageSizeOf(query);
        const after = query.cursor === undefined ? undefined : cursor.read(query.cursor);
        const [alert] = isUuid(id) ? await orm.select({ id: alerts.id }).from(alerts).where(eq(alerts.id, id)) : [];
        if (alert === undefined) return noSuchAlert(id);
        // Index: alert_history_alert.
        const rows = await orm
          .select({
            id: alertHistory.id,
            at: alertHistory.at,
            step: alertHistory.status,
            actor: alertHistory.actor,
            note: alertHistory.note,
          })
          .from(alertHistory)
          .where(and(eq(alertHistory.alertId, alert.id), after && gt(alertHistory.id, after.id)))
          .orderBy(asc(alertHistory.id))
          .limit(size + 1);
        const item = ({ at, step, actor, note }: (typeof rows)[number]) => present({ at: instantText(at), step, actor, note });
        return pageOf(rows, size, { item, cursor, place: (row) => ({ id: row.id }) });
      }),
  });
};
