import { createPool } from '@milepost/database';
import { parseAllowList } from '@milepost/outbound';
import { createLogger, createMetrics } from '@milepost/runtime';
import { Readiness } from './readiness/readiness.js';
import { buildServer } from './server.js';

/** The OpenAPI document as `/docs/json` serves it, for the documentation that is generated: nothing is asked of a database. */
export async function openApiDocument(): Promise<object> {
  const logger = createLogger({ app: 'api', level: 'error' });
  const pool = createPool({ url: 'postgres://unused', app: 'api', size: 1, logger });
  const server = await buildServer({
    pool,
    readiness: new Readiness({}),
    registry: createMetrics('api'),
    logger,
    webhookAllow: parseAllowList([]),
    rateLimitPerMinute: 1,
    maxWebhooks: 1,
    maxEventLoopDelayMs: 0,
  });
  try {
    await server.ready();
    return server.swagger();
  } finally {
    await server.close();
    await pool.end();
  }
}
