import { WebhookCreateSchema } from '@milepost/contracts';
import { schema } from '@milepost/database';
import { count, isNull, sql } from 'drizzle-orm';
import { principalOf } from '../authentication.js';
import type { OrganisationView } from '../database.js';
import { ApiProblem } from '../problems/problem.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { reference } from '../shared/references.js';
import { theRow } from '../shared/the-row.js';
import { newSecret } from './secret.js';
import { settingsOf } from './settings.js';
import { webhookColumns, webhookOf } from './webhook.js';

const { webhookEndpoints } = schema;

export const createWebhook: Route = (app, { database, webhookAllow, maxWebhooks }) => {
  app.route({
    method: 'POST',
    url: '/v1/webhooks',
    config: { scope: 'webhooks:write' },
    schema: {
      tags: ['webhooks'],
      operationId: 'createWebhook',
      summary: 'Register a webhook',
      description:
        'Events are posted to the URL, signed as Standard Webhooks says. The secret is shown this once. Without `eventTypes` it gets all of them.',
      body: WebhookCreateSchema,
      response: {
        201: { description: 'The webhook with its secret', ...reference('CreatedWebhook') },
        ...problemResponses('invalid_json', 'too_many_webhooks', 'body_too_large', 'unsupported_media_type'),
      },
    },
    handler: async (request, reply) => {
      const { organisationId } = principalOf(request);
      const secret = newSecret();
      const created = await database.as({ organisationId }, async (view) => {
        const { enabled = true, ...wanted } = request.body;
        const settings = await settingsOf(view, wanted, webhookAllow);
        await refuseTooMany(view, organisationId, maxWebhooks);
        return view.orm
          .insert(webhookEndpoints)
          .values({ url: wanted.url, ...settings, enabled, organisationId, secret })
          .returning(webhookColumns);
      });
      return reply.code(201).send({ ...webhookOf(theRow(created)), secret });
    },
  });
};

async function refuseTooMany({ orm }: OrganisationView, organisationId: number, most: number): Promise<void> {
  // One at a time for an organisation: two at once would both count the same.
  await orm.execute(sql`select pg_advisory_xact_lock(hashtext('milepost.webhooks'), ${organisationId})`);
  const [row] = await orm.select({ standing: count() }).from(webhookEndpoints).where(isNull(webhookEndpoints.deletedAt));
  if ((row?.standing ?? 0) < most) return;
  throw new ApiProblem('too_many_webhooks', `An organisation may have ${most} webhooks. Delete one that is no longer needed.`, {
    limit: most,
  });
}
