import Type from 'typebox';
import type { Route } from '../route.js';
import { unguarded } from './unguarded.js';

export const metrics: Route = (app, { registry }) => {
  app.route({
    method: 'GET',
    url: '/metrics',
    ...unguarded,
    schema: {
      tags: ['operations'],
      operationId: 'metrics',
      summary: 'Metrics of this process for Prometheus',
      security: [],
      response: { 200: { description: 'Prometheus text format', content: { 'text/plain': { schema: Type.String() } } } },
    },
    handler: async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  });
};
