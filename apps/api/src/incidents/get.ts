import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { findIncident, incidentOf } from './incident.js';

export const getIncident: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/incidents/:id',
    config: { scope: 'read' },
    schema: {
      tags: ['alerts'],
      operationId: 'getIncident',
      summary: 'One incident',
      params: pathId.incident,
      response: { 200: { description: 'The incident', ...reference('Incident') }, ...problemResponses('incident_not_found') },
    },
    handler: (request) => database.as(principalOf(request), async (view) => incidentOf(await findIncident(view, request.params.id))),
  });
};
