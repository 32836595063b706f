import Type from 'typebox';
import type { Route } from '../route.js';
import { unguarded } from './unguarded.js';

export const healthz: Route = (app) => {
  app.route({
    method: 'GET',
    url: '/healthz',
    ...unguarded,
    schema: {
      tags: ['operations'],
      operationId: 'healthz',
      summary: 'Whether this process turns',
      description: 'The event loop is alive, and nothing else is said.',
      security: [],
      response: { 200: Type.Object({ healthy: Type.Boolean() }) },
    },
    handler: async () => ({ healthy: true }),
  });
};
