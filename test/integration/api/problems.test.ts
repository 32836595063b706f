import { connect, createServer, type Socket } from 'node:net';
import { createPool } from '@milepost/database';
import { createLogger } from '@milepost/runtime';
import { eventually, testServices, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../../apps/api/src/listen.js';
import { type ApiUnderTest, apiUnderTest, expectProblem } from './api-under-test.js';

const scope = useTestScope();
const logger = createLogger({ app: 'test', level: 'silent' });
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

describe('errors are problems', () => {
  test('a path that does not exist', async () => {
    expectProblem(await api.get('/v1/vehicle'), 404, 'route_not_found');
    expectProblem(await api.get('/v2'), 404, 'route_not_found');
    expectProblem(await api.get('/v1/vehicles/%zz'), 404, 'route_not_found');
  });

  test('a method that a path does not have, with those that it has', async () => {
    const answer = await api.call('DELETE', '/v1/vehicles/truck-1');
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.allow).toBe('GET, HEAD');
    expect((await api.call('PUT', '/v1/webhooks')).headers.allow).toBe('GET, HEAD, POST');
  });

  test('a process that gets no turn has too much to do, unless it is to answer however late', async () => {
    const hurried = await apiUnderTest(scope, { maxEventLoopDelayMs: 100 });
    await hurried.app.ready();
    await eventually(async () => {
      const until = performance.now() + 1_500;
      while (performance.now() < until);
      expectProblem(await hurried.get('/v1/vehicles'), 503, 'overloaded');
      expect((await api.get('/v1/vehicles')).status).toBe(200);
    });
  });

  test('a body that is no JSON, or too large, with the place and the limit', async () => {
    const headers = { 'content-type': 'application/json' };
    const broken = await api.call('POST', '/v1/webhooks', { headers, body: '{\n  "url": "https://x.example/",\n}' });
    expectProblem(broken, 400, 'invalid_json');
    expect(broken.body.detail).toContain('at line 3, column 1 stands "}", where a name in double quotes should be');
    const name = await api.call('POST', '/v1/webhooks', { headers, body: '{"__proto__": {"a": 1}, "url": "https://x.example/"}' });
    expectProblem(name, 400, 'invalid_json');
    expect(name.body.detail).toContain('"__proto__" or "constructor.prototype" is a name in it');
    const large = await api.call('POST', '/v1/webhooks', { headers, body: `{"url": "${'x'.repeat(65_536)}"}` });
    expectProblem(large, 413, 'body_too_large');
    expect(large.body).toMatchObject({ limit: 65_536, detail: expect.stringContaining('65536 bytes') });
    const xml = await api.call('POST', '/v1/webhooks', { headers: { 'content-type': 'text/xml' }, body: '<url/>' });
    expectProblem(xml, 415, 'unsupported_media_type');
    expect(xml.body.detail).toContain('"text/xml"');
    const text = await api.call('POST', '/v1/webhooks', { headers: { 'content-type': 'text/plain' }, body: '{}' });
    expectProblem(text, 415, 'unsupported_media_type');
  });

  test('a request that nobody foresaw, without its cause', async () => {
    const broken = await apiUnderTest(scope);
    await broken.database.owner.query('drop table dtc_states');
    await broken.fleet.vehicle('truck-1');
    const answer = await broken.get('/v1/vehicles/truck-1');
    expectProblem(answer, 500, 'internal_error');
    expect(JSON.stringify(answer.body)).not.toContain('dtc_states');
    expect(broken.logLines.some((line) => line.includes('http.request.failed') && line.includes('dtc_states'))).toBe(true);
  });

  test('a statement that takes too long', async () => {
    const pool = createPool({ url: api.database.urlFor('milepost_api'), app: 'api', size: 2, logger, statementTimeoutMs: 150 });
    scope.onEnd(() => pool.end());
    const slow = await apiUnderTest(scope, { pool });
    const holder = await api.database.owner.connect();
    try {
      await holder.query('begin; lock table vehicles in access exclusive mode');
      const answer = await slow.get('/v1/vehicles', { key: api.keys.read });
      expectProblem(answer, 503, 'query_timeout');
      expect(answer.headers['retry-after']).toBeDefined();
    } finally {
      await holder.query('rollback');
      holder.release();
    }
  });

  test('a database that does not answer, and the API works again when it does', async () => {
    // Between the API and Postgres stands a door that can be shut.
    const target = new URL(testServices().ownerUrl);
    const open = new Set<Socket>();
    let isShut = true;
    const door = createServer((client) => {
      if (isShut) return void client.destroy();
      const upstream = connect(Number(target.port), target.hostname);
      for (const socket of [client, upstream]) {
        open.add(socket);
        socket.on('error', () => undefined).on('close', () => open.delete(socket));
      }
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    scope.onEnd(() => door.close());
    const url = new URL(api.database.urlFor('milepost_api'));
    url.hostname = '127.0.0.1';
    url.port = String((door.address() as { port: number }).port);
    const pool = createPool({ url: url.href, app: 'api', size: 2, logger });
    scope.onEnd(() => pool.end());
    const away = await apiUnderTest(scope, { pool });
    const key = api.keys.read;

    const first = await away.get('/v1/vehicles', { key });
    expectProblem(first, 503, 'database_unavailable');
    expect(first.headers['retry-after']).toBeDefined();
    isShut = false;
    expect((await away.get('/v1/vehicles', { key })).status).toBe(200);
    isShut = true;
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    // The key is still known: it is the query that finds nobody.
    expectProblem(await away.get('/v1/vehicles', { key }), 503, 'database_unavailable');
    isShut = false;
    expect((await away.get('/v1/vehicles', { key })).status).toBe(200);
  });

  test('bytes that are no request', async () => {
    const { app } = await apiUnderTest(scope);
    const port = await listen(app, { host: '127.0.0.1', port: 0, logger });
    const answer = await rawAnswer(port, 'GARBAGE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'malformed_request' });
    const large = await rawAnswer(port, `GET /v1/vehicles HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1.1 431 /);
  });

  test('every answer carries headers that browsers heed', async () => {
    const { headers } = await api.get('/v1/nothing');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
    });
  });
});

describe('listening', () => {
  test('a port that is taken is named, with the variable that chooses another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    scope.onEnd(() => other.close());
    const { port } = other.address() as { port: number };
    const { app } = await apiUnderTest(scope);
    await expect(listen(app, { host: '127.0.0.1', port, logger })).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:${port}.*HTTP_PORT`));
  });
});

function rawAnswer(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}
