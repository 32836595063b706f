import { ReplayDeliveriesSchema, type ReplayedDeliveries } from '@milepost/contracts';
import { sql } from '@milepost/database';
import { sql as fragment } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { instantOf } from '../shared/time-range.js';
import { findWebhook, refuseUnlessReceiving } from '../webhooks/webhook.js';

const replayAll = sql('api/replay-deliveries');
const mostAtOnce = 1_000;

export const replayDeliveries: Route = (app, { database }) => {
  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/replay',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'replayDeliveries',
      summary: 'Send again all that has not arrived since a time',
      description:
        'For each dead delivery a new one is made beside it, with the same `webhook-id`, unless a replay of it has arrived or is under way; the retry of each failed one is due at once. What was skipped stays skipped.',
      params: pathId.webhook,
      body: ReplayDeliveriesSchema,
      response: {
        202: { description: 'How many', ...reference('ReplayedDeliveries') },
        ...problemResponses('invalid_json', 'webhook_not_found', 'webhook_not_receiving', 'body_too_large', 'unsupported_media_type'),
      },
    },
    handler: async (request, reply) => {
      const { since, until, status } = request.body;
      const counts = await database.as(principalOf(request), async (view) => {
        const webhook = await findWebhook(view, request.params.id);
        refuseUnlessReceiving(webhook);
        // One at a time for a webhook: of two at once neither would see what the other makes.
        await view.orm.execute(fragment`select pg_advisory_xact_lock(hashtext('milepost.replays'), hashtext(${webhook.id}))`);
        return view.rows<Omit<ReplayedDeliveries, 'more'> & { chosen: number }>(replayAll, [
          webhook.id,
          instantOf(since).toISOString(),
          until === undefined ? 'infinity' : instantOf(until).toISOString(),
          status ?? null,
          mostAtOnce,
        ]);
      });
      const { replayed, hastened, chosen } = theRow(counts);
      return reply.code(202).send({ replayed, hastened, more: chosen === mostAtOnce });
    },
  });
};
