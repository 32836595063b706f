import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import underPressure from '@fastify/under-pressure';
import type { AllowList } from '@milepost/outbound';
import type { Logger } from '@milepost/runtime';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import { registerAuthentication } from './authentication.js';
import { Database } from './database.js';
import { registerDocs } from './operations/docs.js';
import { registerRequestLog } from './operations/request-log.js';
import { registerRequestMetrics } from './operations/request-metrics.js';
import { answerClientError } from './problems/client-error.js';
import { jsonFaultText } from './problems/json-fault.js';
import { ApiProblem } from './problems/problem.js';
import { problemOfError } from './problems/problem-of-error.js';
import { registerProblems, sendProblem } from './problems/register-problems.js';
import type { Readiness } from './readiness/readiness.js';
import type { Api } from './route.js';
import { routes } from './routes.js';
import { validatorCompiler } from './validator.js';

/** More than any body of this API needs, and a polygon of 2,500 positions with seven decimals: checking one is work for the square of them. */
const maxBodyBytes = 64 * 1024;
const minuteMs = 60_000;

export interface ServerOptions {
  /** Of the role milepost_api. */
  pool: Pool;
  readiness: Readiness;
  registry: Registry;
  logger: Logger;
  webhookAllow: AllowList;
  rateLimitPerMinute: number;
  maxWebhooks: number;
  /** 0 answers all, however late. Otherwise a second in which the process got no turn at all counts as beyond any bound. */
  maxEventLoopDelayMs: number;
  trustedProxies?: readonly string[];
}

/** The API, not yet listening. What is registered first is asked first. */
export async function buildServer(options: ServerOptions): Promise<Api> {
  const { pool, readiness, registry, logger, webhookAllow, maxWebhooks } = options;
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: maxBodyBytes,
    requestTimeout: 15_000,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    routerOptions: { maxParamLength: 256 },
    // What comes while the server closes is still answered.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => void sendProblem(reply, problemOfError(error, { id: request.id })),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler(validatorCompiler);
  // Answers are made field by field and typed: there is nothing to strip.
  app.setSerializerCompiler(() => JSON.stringify);
  // Fastify's own, for text: no route of this API takes one.
  app.removeContentTypeParser('text/plain');
  acceptEmptyBodies(app);
  registerProblems(app);
  registerRequestLog(app);
  registerRequestMetrics(app, registry);
  await app.register(helmet);
  await app.register(underPressure, { maxEventLoopDelay: options.maxEventLoopDelayMs, customError: Overloaded });
  await app.register(rateLimit, {
    max: options.rateLimitPerMinute,
    timeWindow: minuteMs,
    keyGenerator: (request) => request.principal?.id ?? request.ip,
    errorResponseBuilder: (_request, { max, after }) =>
      new ApiProblem('rate_limited', `A key may send ${max} requests a minute; try again in ${after}.`, { limit: max }),
  });
  registerAuthentication(app, { pool });
  await registerDocs(app);

  const services = { database: new Database(pool), readiness, registry, webhookAllow, maxWebhooks };
  for (const route of routes) route(app, services);
  return app;
}

class Overloaded extends ApiProblem {
  constructor() {
    super('overloaded', 'More requests came than this process can answer. Try again in a few seconds.');
  }
}

/** Many clients announce JSON and send nothing: the route's schema says whether that will do. */
function acceptEmptyBodies(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else void parse(request, body as string, (error, parsed) => (error ? done(invalidJson(body as string)) : done(null, parsed)));
  });
}

/** The parser also refuses names in what is JSON that would reach into JavaScript's own objects. */
function invalidJson(body: string): ApiProblem {
  const fault = jsonFaultText(body);
  if (fault === undefined)
    return new ApiProblem(
      'invalid_json',
      'The body is JSON, but "__proto__" or "constructor.prototype" is a name in it, which is never taken.',
    );
  return new ApiProblem('invalid_json', `The body could not be read as JSON: ${fault}. Mend it there, and send it again.`);
}
