import { databaseEnv } from '@milepost/database';
import { kafkaEnv } from '@milepost/kafka';
import { webhookEnv } from '@milepost/outbound';
import { commonEnv, env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

export const configSchema = Type.Object({
  ...commonEnv,
  ...databaseEnv,
  ...kafkaEnv,
  ...webhookEnv,
  HTTP_HOST: env.string({
    default: '127.0.0.1',
    description: 'Address on which the API listens; /healthz, /readyz and /metrics ask for no key there',
  }),
  HTTP_PORT: env.port({ default: 8080, description: 'Port on which the API listens; 0 takes a free one and logs it' }),
  TRUSTED_PROXIES: env.list({
    default: [],
    description: 'Addresses or networks (CIDR) of proxies whose X-Forwarded-For is believed',
  }),
  RATE_LIMIT: env.integer({
    default: 6_000,
    minimum: 1,
    maximum: 10_000_000,
    description: 'Requests a minute that one API key may send to this process',
  }),
  STATEMENT_TIMEOUT_MS: env.integer({ default: 10_000, minimum: 100, maximum: 300_000, description: 'Longest SQL statement of a request' }),
  MAX_EVENT_LOOP_DELAY_MS: env.integer({
    default: 1_000,
    minimum: 0,
    maximum: 60_000,
    description: 'Mean delay of the event loop beyond which requests are answered 503 overloaded; 0 answers all',
  }),
  MAX_WEBHOOKS: env.integer({ default: 100, minimum: 1, maximum: 10_000, description: 'Most webhooks of an organisation' }),
  READINESS_URLS: Type.Array(Type.String({ pattern: '^(broker|ingest|alerts|webhooks)=https?://[^ ]+$' }), {
    default: [],
    description:
      'Where /readyz asks for the other parts, like broker=http://10.0.0.5:9101/readyz,ingest=…; a name may stand there again for each process',
  }),
});

export type Config = Static<typeof configSchema>;
