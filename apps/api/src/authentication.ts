import { createHash } from 'node:crypto';
import type { Scope } from '@milepost/contracts';
import { type ApiKey, findApiKey } from '@milepost/database';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { guarded } from './database.js';
import { missingScope } from './problems/missing-scope.js';
import { ApiProblem } from './problems/problem.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key needs to call the route; every route under /v1 says it. */
    scope?: Scope;
  }
  interface FastifyRequest {
    principal: ApiKey | null;
  }
}

/** A revoked key is refused after at most this time. */
const keptMs = 5_000;
const maxKept = 10_000;
/** Keys that do not exist, tried from one address in a minute. */
const maxFailuresPerMinute = 120;
const keyPattern = /^mp_[\w-]{43}$/;
const challenge = { 'www-authenticate': 'Bearer realm="milepost"' };

export interface Authentication {
  pool: Pool;
  now?: () => number;
}

/** Gives each request under /v1 its principal, before anything else of it is looked at. Needs @fastify/rate-limit. */
export function registerAuthentication(app: FastifyInstance, { pool, now = () => performance.now() }: Authentication): void {
  const kept = new Map<string, { key: ApiKey; until: number }>();
  const failures = app.createRateLimit({
    max: maxFailuresPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => `failures ${request.ip}`,
  });
  app.decorateRequest('principal', null);

  app.addHook('onRoute', ({ url, config }) => {
    if (url.startsWith('/v1/') && config?.scope === undefined) throw new Error(`Route ${url} does not say which scope it needs`);
  });

  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config;
    if (scope === undefined) return;
    const principal = await authenticated(request);
    request.principal = principal;
    if (!principal.scopes.includes(scope) && !principal.scopes.includes('admin')) {
      throw missingScope(principal, scope);
    }
  });

  async function authenticated(request: FastifyRequest): Promise<ApiKey> {
    const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ').filter((word) => word !== '');
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined || rest.length > 0) {
      throw new ApiProblem(
        'missing_api_key',
        'Send the header Authorization: Bearer mp_… with an API key (npx milepost keys create).',
        {},
        challenge,
      );
    }
    const hash = createHash('sha256').update(token).digest('base64');
    const known = kept.get(hash);
    if (known && known.until > now()) return known.key;
    // Who sends a key that was good a while ago does not guess, whatever others do at the same address.
    if (known === undefined) await refuseGuessing(request, false);
    const found = keyPattern.test(token) ? await guarded(() => findApiKey(pool, token)) : undefined;
    if (!found) {
      kept.delete(hash);
      await refuseGuessing(request, true);
      throw new ApiProblem(
        'invalid_api_key',
        'There is no such key, or it was revoked (npx milepost keys list).',
        {},
        {
          'www-authenticate': `${challenge['www-authenticate']}, error="invalid_token"`,
        },
      );
    }
    if (kept.size >= maxKept) kept.clear();
    kept.set(hash, { key: found, until: now() + keptMs });
    return found;
  }

  async function refuseGuessing(request: FastifyRequest, increment: boolean): Promise<void> {
    const outcome = await failures(request, { increment });
    if (outcome.isAllowed || !outcome.isExceeded) return;
    throw new ApiProblem(
      'rate_limited',
      `More than ${maxFailuresPerMinute} invalid keys a minute came from ${request.ip}. Look which program there sends a revoked or mistyped key, and try again in a minute.`,
      {},
      {
        'retry-after': String(outcome.ttlInSeconds),
      },
    );
  }
}

/** Who calls; the route said which scope it needs, so there is somebody. */
export function principalOf(request: FastifyRequest): ApiKey {
  if (request.principal === null) throw new TypeError(`Route ${request.routeOptions.url} asks for a principal but names no scope`);
  return request.principal;
}
