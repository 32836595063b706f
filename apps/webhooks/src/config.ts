import { databaseEnv } from '@milepost/database';
import { kafkaEnv } from '@milepost/kafka';
import { webhookEnv } from '@milepost/outbound';
import { commonEnv, env } from '@milepost/runtime';
import Type, { type Static } from 'typebox';

export const configSchema = Type.Object({
  ...commonEnv,
  ...databaseEnv,
  DATABASE_POOL_SIZE: env.integer({
    default: 8,
    minimum: 2,
    maximum: 100,
    description: 'Most connections to Postgres, 2 at least: the relay to fleet.alerts keeps one for as long as it leads',
  }),
  ...kafkaEnv,
  ...webhookEnv,
  WEBHOOK_TIMEOUT_MS: env.integer({
    default: 15_000,
    minimum: 100,
    maximum: 60_000,
    description: 'Time that a receiver has to answer, with the connection',
  }),
  WEBHOOK_RETRY_SCHEDULE_MS: Type.Array(Type.String({ pattern: '^[0-9]{1,9}$' }), {
    minItems: 1,
    maxItems: 32,
    default: ['0', '5000', '30000', '120000', '600000', '3600000', '10800000', '28800000'],
    description: 'Wait before each attempt, in ms, comma-separated; after the last the delivery is dead',
  }),
  WEBHOOK_SUSPEND_AFTER_MS: env.integer({
    default: 43_200_000,
    minimum: 1_000,
    description:
      'Time of failing without one success after which an endpoint is suspended; shorter than the schedule, so that nothing dies of an outage',
  }),
  WEBHOOK_BREAKER_FAILURES: env.integer({
    default: 5,
    minimum: 1,
    description: 'Failures of an endpoint in a row (no answer, 5xx, 408, 429) that open its circuit breaker',
  }),
  WEBHOOK_BREAKER_PAUSE_MS: env.integer({
    default: 30_000,
    minimum: 10,
    maximum: 3_600_000,
    description: 'Time without any delivery to an endpoint whose breaker is open, before one is tried',
  }),
  WEBHOOK_PUBLIC_URL: env.string({
    default: 'http://localhost:8080',
    pattern: '^https?://[^ ]*[^ /]$',
    description: "Where people reach the API, without a slash at the end: Alertmanager's generatorURL begins with it",
  }),
  WEBHOOK_CONCURRENCY: env.integer({ default: 256, minimum: 1, maximum: 10_000, description: 'Most deliveries in flight in this process' }),
  WEBHOOK_ENDPOINT_CONCURRENCY: env.integer({
    default: 5,
    minimum: 1,
    maximum: 100,
    description: 'Most deliveries in flight at one endpoint, over all processes',
  }),
  WEBHOOK_POLL_MS: env.integer({
    default: 200,
    minimum: 10,
    maximum: 500,
    description: 'Time between two looks at the outbox and at what is due',
  }),
  WEBHOOK_RETENTION_DAYS: env.integer({
    default: 30,
    minimum: 1,
    maximum: 3_650,
    description: 'How long deliveries, attempts and events are kept, and how long deliveries of a suspended endpoint wait',
  }),
  WEBHOOK_CA_FILE: Type.Optional(
    env.file({ description: "PEM file of CAs that receivers' certificates may be signed by, instead of the public ones" }),
  ),
});

export type Config = Static<typeof configSchema>;
