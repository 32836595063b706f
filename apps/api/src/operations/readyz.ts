import { readinessParts } from '@milepost/contracts';
import Type from 'typebox';
import { invalidParameter } from '../problems/problem.js';
import type { PartName } from '../readiness/readiness.js';
import type { Route } from '../route.js';
import { reference } from '../shared/references.js';
import { unguarded } from './unguarded.js';

export const readyz: Route = (app, { readiness }) => {
  app.route({
    method: 'GET',
    url: '/readyz',
    ...unguarded,
    schema: {
      tags: ['operations'],
      operationId: 'readyz',
      summary: 'Which part of the installation is missing',
      description: 'A load balancer asks with `?parts=postgres`: only that is needed to answer requests.',
      security: [],
      querystring: Type.Object(
        { parts: Type.Optional(Type.String({ description: `Comma-separated, of ${readinessParts.join(', ')}`, examples: ['postgres'] })) },
        { additionalProperties: false },
      ),
      response: {
        200: { description: 'All of them work', ...reference('Readiness') },
        503: { description: 'At least one does not', ...reference('Readiness') },
      },
    },
    handler: async (request, reply) => {
      const answer = await readiness.look(partsOf(request.query.parts));
      return reply
        .code(answer.ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(answer);
    },
  });
};

function partsOf(text: string | undefined): PartName[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((word) => {
    const name = readinessParts.find((part) => part === word.trim());
    if (name === undefined) throw invalidParameter('parts', 'not_allowed', `"${word}" is not one of ${readinessParts.join(', ')}`);
    return name;
  });
}
