import { ProblemSchema, type Scope } from '@milepost/contracts';
import { createApiKey, createPool } from '@milepost/database';
import { parseAllowList } from '@milepost/outbound';
import { createLogger, createMetrics } from '@milepost/runtime';
import type { TestDatabase, TestScope } from '@milepost/test-support';
import type pg from 'pg';
import { Value } from 'typebox/value';
import { expect } from 'vitest';
import { Readiness } from '../../../apps/api/src/readiness/readiness.js';
import type { Api } from '../../../apps/api/src/route.js';
import { buildServer, type ServerOptions } from '../../../apps/api/src/server.js';
import { Fleet } from './fleet.js';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  body: any;
}

export interface ApiUnderTest {
  app: Api;
  database: TestDatabase;
  /** As the API connects: no rights but its role's. */
  pool: pg.Pool;
  fleet: Fleet;
  /** The rows of organisation `other`, which nobody else may see. */
  otherFleet: Fleet;
  keys: Record<'admin' | 'read' | 'alerts' | 'webhooks' | 'other', string>;
  logLines: string[];
  call(method: Method, url: string, options?: { key?: string | null; body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  get(url: string, options?: { key?: string | null; headers?: Record<string, string> }): Promise<Answer>;
}

/** The API in this process, with a migrated database of its own. */
export async function apiUnderTest(scope: TestScope, options: Partial<ServerOptions> = {}): Promise<ApiUnderTest> {
  const database = await scope.database();
  const logLines: string[] = [];
  const logger = createLogger({ app: 'api', level: 'debug', destination: { write: (line) => void logLines.push(line) } });
  const pool = createPool({ url: database.urlFor('milepost_api'), app: 'api', size: 4, logger, statementTimeoutMs: 10_000 });
  scope.onEnd(() => pool.end());
  const app = await buildServer({
    pool,
    logger,
    readiness: new Readiness({}),
    registry: createMetrics('api'),
    webhookAllow: parseAllowList(['127.0.0.0/8']),
    rateLimitPerMinute: 100_000,
    maxWebhooks: 100,
    maxEventLoopDelayMs: 0,
    ...options,
  });
  scope.onEnd(() => app.close());

  const key = async (name: string, organisation: string, scopes: Scope[]) =>
    (await createApiKey(database.owner, { name, organisation, scopes })).key;
  const keys = {
    admin: await key('test admin', 'default', ['admin']),
    read: await key('test reader', 'default', ['read']),
    alerts: await key('night shift', 'default', ['alerts:write']),
    webhooks: await key('integrator', 'default', ['webhooks:write']),
    other: await key('other admin', 'other', ['admin']),
  };

  const call: ApiUnderTest['call'] = async (method, url, { key: asKey = keys.admin, body, headers = {} } = {}) => {
    const response = await app.inject({
      method,
      url,
      headers: { ...(asKey === null ? {} : { authorization: `Bearer ${asKey}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const isJson = String(response.headers['content-type']).includes('json');
    return { status: response.statusCode, headers: response.headers, body: isJson ? response.json() : response.body };
  };
  return {
    app,
    database,
    pool,
    fleet: await Fleet.of(database.owner, 'default'),
    otherFleet: await Fleet.of(database.owner, 'other'),
    keys,
    logLines,
    call,
    get: (url, callOptions) => call('GET', url, callOptions),
  };
}

/** Every error is a problem body that names its code (RFC 9457). */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect([...Value.Errors(ProblemSchema, answer.body)]).toEqual([]);
}

/** Goes through all pages, as a client would. */
export async function everyPage(
  api: ApiUnderTest,
  url: string,
  options: { between?: (page: number) => Promise<unknown> } = {},
  // biome-ignore lint/suspicious/noExplicitAny: items of every shape
): Promise<any[]> {
  const items: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 1_000; page += 1) {
    const next = cursor === undefined ? '' : `${url.includes('?') ? '&' : '?'}cursor=${cursor}`;
    const { status, body } = await api.get(url + next);
    expect(status, JSON.stringify(body)).toBe(200);
    items.push(...body.items);
    if (body.nextCursor === undefined) return items;
    cursor = body.nextCursor;
    await options.between?.(page);
  }
  throw new Error(`${url} never came to its last page`);
}
