import { SkipDeliveriesSchema } from '@milepost/contracts';
import { sql } from '@milepost/database';
import { principalOf } from '../authentication.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { instantOf } from '../shared/time-range.js';
import { findWebhook } from '../webhooks/webhook.js';

const skipWaiting = sql('api/skip-deliveries');

export const skipDeliveries: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/skip',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'skipDeliveries',
      summary: 'Give up what waits for a webhook',
      description:
        'For one that is suspended or disabled: its waiting deliveries become dead, with the key’s name in `skippedBy`, instead of going out when it is enabled. Each can still be replayed.',
      params: pathId.webhook,
      body: SkipDeliveriesSchema,
      response: {
        200: { description: 'How many', ...reference('SkippedDeliveries') },
        ...problemResponses('invalid_json', 'webhook_not_found', 'webhook_receiving', 'body_too_large', 'unsupported_media_type'),
      },
    },
    preValidation: async (request) => {
      request.body ??= {};
    },
    handler: (request) => {
      const principal = principalOf(request);
      return database.as(principal, async (view) => {
        const webhook = await findWebhook(view, request.params.id);
        if (webhook.enabled && !webhook.suspendedAt) {
          throw new ApiProblem('webhook_receiving', `Webhook ${webhook.id} is enabled: disable it first (PATCH {"enabled": false}).`);
        }
        const { before } = request.body;
        const madeBefore = before === undefined ? 'infinity' : instantOf(before).toISOString();
        return theRow(await view.rows<{ skipped: number }>(skipWaiting, [webhook.id, madeBefore, principal.name]));
      });
    },
  });
};
