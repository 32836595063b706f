import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { AllowList } from '@milepost/outbound';
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { Registry } from 'prom-client';
import type { Database } from './database.js';
import type { Readiness } from './readiness/readiness.js';

/** Fastify whose schemas are also types. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What handlers work with. */
export interface Services {
  database: Database;
  readiness: Readiness;
  registry: Registry;
  webhookAllow: AllowList;
  maxWebhooks: number;
}

/** One verb of one entity. */
export type Route = (app: Api, services: Services) => void;
