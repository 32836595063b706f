#!/usr/bin/env node
import { createPool } from '@milepost/database';
import { pingKafka } from '@milepost/kafka';
import { parseAllowList } from '@milepost/outbound';
import { runApp, within } from '@milepost/runtime';
import { closeServer } from './close-server.js';
import { configSchema } from './config.js';
import { listen } from './listen.js';
import { checkKafka, checkPostgres, checksOfUrls } from './readiness/checks.js';
import { Readiness } from './readiness/readiness.js';
import { buildServer } from './server.js';

const POOL_PATIENCE_MS = 1_000;

await runApp({
  name: 'api',
  description: 'serves positions, histories, alerts and webhooks over HTTP',
  config: configSchema,
  start: async ({ config, logger, registry }) => {
    const pool = createPool({
      url: config.DATABASE_URL,
      app: 'api',
      size: config.DATABASE_POOL_SIZE,
      logger,
      statementTimeoutMs: config.STATEMENT_TIMEOUT_MS,
    });
    const readiness = new Readiness({
      postgres: checkPostgres(pool),
      kafka: checkKafka(() => pingKafka(config)),
      ...checksOfUrls(config.READINESS_URLS),
    });
    const server = await buildServer({
      pool,
      readiness,
      registry,
      logger,
      webhookAllow: parseAllowList(config.WEBHOOK_ALLOW),
      rateLimitPerMinute: config.RATE_LIMIT,
      maxWebhooks: config.MAX_WEBHOOKS,
      maxEventLoopDelayMs: config.MAX_EVENT_LOOP_DELAY_MS,
      trustedProxies: config.TRUSTED_PROXIES,
    });
    await listen(server, { host: config.HTTP_HOST, port: config.HTTP_PORT, logger });
    return {
      ready: async () => {
        const { parts } = await readiness.look(['postgres']);
        return parts.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`]));
      },
      close: async () => {
        await closeServer(server);
        // A statement whose client was cut off may go on.
        await within(pool.end(), POOL_PATIENCE_MS);
      },
    };
  },
});
