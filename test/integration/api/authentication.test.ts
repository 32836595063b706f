import type { Scope } from '@milepost/contracts';
import { revokeApiKey } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Api, Services } from '../../../apps/api/src/route.js';
import { routes } from '../../../apps/api/src/routes.js';
import { type ApiUnderTest, apiUnderTest, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
/** As the routes say themselves: a new one is tested here without being named. */
const declared = routes.flatMap((route) => {
  const found: { method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'; url: string; config?: { scope?: Scope } }[] = [];
  route({ route: (options: (typeof found)[number]) => found.push(options), addHook: () => undefined } as unknown as Api, {} as Services);
  return found;
});
const everyPath = declared.flatMap(({ method, url, config }) =>
  config?.scope === undefined ? [] : [[method, url.replace(/:\w+/g, 'x'), config.scope] as const],
);
/** Who may change something, as docs and CLI say it: what is not of webhooks or alerts is an admin's. */
const scopeOfWrites = (url: string): Scope => {
  if (url.startsWith('/v1/webhooks')) return 'webhooks:write';
  return /^\/v1\/(alerts|mutes)\b/.test(url) ? 'alerts:write' : 'admin';
};

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

describe('a key', () => {
  test('is needed for all but three paths', () => {
    const open = declared.filter(({ config }) => config?.scope === undefined).map(({ url }) => url);
    expect(open).toEqual(['/healthz', '/readyz', '/metrics']);
    expect(everyPath.length).toBeGreaterThan(40);
  });

  test.each(everyPath)('is asked for by %s %s before anything else is looked at', async (method, url) => {
    const none = await api.call(method, `${url}?limit=nonsense`, { key: null });
    expectProblem(none, 401, 'missing_api_key');
    expect(none.headers['www-authenticate']).toBe('Bearer realm="milepost"');
    const wrong = await api.call(method, `${url}?limit=nonsense`, { key: `mp_${'x'.repeat(43)}` });
    expectProblem(wrong, 401, 'invalid_api_key');
    expect(wrong.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  test.each(everyPath)('without the scope is refused by %s %s, which names it', async (method, url, scopeName) => {
    expect(scopeName).toBe(method === 'GET' ? 'read' : scopeOfWrites(url));
    const answer = await api.call(method, url, { key: method === 'GET' ? api.keys.alerts : api.keys.read });
    expectProblem(answer, 403, 'missing_scope');
    expect(answer.body.detail).toContain(scopeName);
    expect(answer.headers['www-authenticate']).toContain(`scope="${scopeName}"`);
  });

  test.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'mp_x'])('is not found in the header "%s"', async (authorization) => {
    expectProblem(await api.get('/v1/vehicles', { key: null, headers: { authorization } }), 401, 'missing_api_key');
  });

  test('is never written to the log', async () => {
    await api.get('/v1/vehicles');
    await api.get('/v1/vehicles', { key: `mp_${'z'.repeat(43)}` });
    expect(api.logLines.length).toBeGreaterThan(0);
    for (const line of api.logLines) expect(line).not.toMatch(/mp_[\w-]{20}/);
    const line = api.logLines
      .map((text) => JSON.parse(text))
      .find(({ event, keyId, status }) => event === 'http.request.answered' && keyId && status === 200);
    expect(line).toMatchObject({ method: 'GET', route: '/v1/vehicles', status: 200, organisation: 'default' });
  });

  test('that is revoked is refused within five seconds, although the clock is set back meanwhile', async () => {
    const { now } = Date;
    let setByMs = 0;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + setByMs);
    onTestFinished(() => clock.mockRestore());
    const own = await apiUnderTest(scope);
    const ask = () => own.get('/v1/vehicles', { key: own.keys.webhooks });
    expect((await ask()).status).toBe(403);
    expect(await revokeApiKey(own.database.owner, own.keys.webhooks.slice(0, 11))).toHaveLength(1);
    setByMs = -3_600_000;
    const deadline = performance.now() + 5_500;
    let answer = await ask();
    while (answer.status !== 401 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      answer = await ask();
    }
    expectProblem(answer, 401, 'invalid_api_key');
  });
});

describe('limits', () => {
  test('a key that asks too often is told to wait, another is not', async () => {
    const limited = await apiUnderTest(scope, { rateLimitPerMinute: 3 });
    for (let index = 0; index < 3; index += 1) expect((await limited.get('/v1/vehicles')).status).toBe(200);
    const answer = await limited.get('/v1/vehicles');
    expectProblem(answer, 429, 'rate_limited');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.body.limit).toBe(3);
    expect((await limited.get('/v1/vehicles', { key: limited.keys.read })).status).toBe(200);
    for (let index = 0; index < 5; index += 1) expect((await limited.get('/healthz', { key: null })).status).toBe(200);
  });

  test('whoever guesses keys is told to stop, and a good key of the same address still works, also when it is looked up again', async () => {
    const guessed = await apiUnderTest(scope);
    expect((await guessed.get('/v1/vehicles')).status).toBe(200);
    const askedAtMs = performance.now();
    const answers = [];
    for (let index = 0; index < 130; index += 1) {
      answers.push(await guessed.get('/v1/vehicles', { key: `mp_${String(index).padStart(43, 'x')}` }));
    }
    const last = answers.at(-1);
    if (!last) throw new Error('nothing was asked');
    expectProblem(last, 429, 'rate_limited');
    expect((await guessed.get('/v1/vehicles')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, askedAtMs + 5_100 - performance.now()));
    expect((await guessed.get('/v1/vehicles')).status).toBe(200);
    expectProblem(await guessed.get('/v1/vehicles', { key: `mp_${'y'.repeat(43)}` }), 429, 'rate_limited');
  });
});
