import { schema } from '@milepost/database';
import { eq } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { alertOf, noSuchAlert, selectAlerts } from './alert.js';

const { alerts } = schema;

export const getAlert: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/alerts/:id',
    config: { scope: 'read' },
    schema: {
      tags: ['alerts'],
      operationId: 'getAlert',
      summary: 'One alert',
      params: pathId.alert,
      response: { 200: { description: 'The alert', ...reference('Alert') }, ...problemResponses('alert_not_found') },
    },
    handler: (request) =>
      database.as(principalOf(request), async (view) => {
        const { id } = request.params;
        const [row] = isUuid(id) ? await selectAlerts(view).where(eq(alerts.id, id)) : [];
        return row === undefined ? noSuchAlert(id) : alertOf(row);
      }),
  });
};
