import { RotateSecretSchema } from '@milepost/contracts';
import { sql } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { isUuid, pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { newSecret } from './secret.js';
import { noSuchWebhook } from './webhook.js';

const defaultOverlapSeconds = 86_400;

export const rotateSecret: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/rotate-secret',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'rotateWebhookSecret',
      summary: 'Replace a webhook’s secret',
      description:
        'The new secret is shown this once. For `overlapSeconds` (a day unless said; 0: not at all) both sign, the new one first; a secret that an earlier rotation left over ends at once.',
      params: pathId.webhook,
      body: RotateSecretSchema,
      response: {
        200: { description: 'The new secret', ...reference('RotatedSecret') },
        ...problemResponses('invalid_json', 'webhook_not_found', 'body_too_large', 'unsupported_media_type'),
      },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: async (request) => {
      const { id } = request.params;
      const { overlapSeconds = defaultOverlapSeconds } = request.body;
      if (!isUuid(id)) return noSuchWebhook(id);
      const secret = newSecret();
      const { rows } = await database.as(principalOf(request), ({ orm }) =>
        orm.execute<{ until: Date }>(
          sql`select previous_secret_until as until from rotate_webhook_secret(${id}::uuid, ${secret}, ${overlapSeconds}::integer)`,
        ),
      );
      const [rotated] = rows;
      return rotated ? { secret, previousSecretUntil: new Date(rotated.until).toISOString() } : noSuchWebhook(id);
    },
  });
};
