import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionAttemptSchema, DeadLetterSchema, ReadinessSchema } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkPostgres, checksOfUrls } from '../../../apps/api/src/readiness/checks.js';
import { Readiness } from '../../../apps/api/src/readiness/readiness.js';
import { type ApiUnderTest, apiUnderTest, everyPage, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
const at = (minutes: number) => new Date(Date.parse('2026-11-24T06:00:00Z') + minutes * 60_000);

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

describe('GET /v1/connection-attempts', () => {
  beforeAll(async () => {
    await api.fleet.connectionAttempt(at(0), { commonName: 'truck-1', serial: '0a', notAfter: at(-60), count: 12 });
    for (const partition of [2, 0, 1]) await api.fleet.connectionAttempt(at(5), { sourcePartition: partition, reason: 'no_certificate' });
    await api.otherFleet.connectionAttempt(at(3));
  });

  test('answers what was refused and why, the newest first, each once', async () => {
    const { status, body } = await api.get('/v1/connection-attempts', { key: api.keys.read });
    expect(status).toBe(200);
    for (const item of body.items) expect([...Value.Errors(ConnectionAttemptSchema, item)]).toEqual([]);
    expect(body.items).toHaveLength(4);
    expect(body.items[3]).toEqual({
      at: at(0).toISOString(),
      address: '192.0.2.7',
      commonName: 'truck-1',
      serial: '0a',
      notAfter: at(-60).toISOString(),
      reason: 'expired',
      remedy: 'Issue a new one.',
      count: 12,
    });
    expect(await everyPage(api, '/v1/connection-attempts?limit=1')).toEqual(body.items);
  });

  test('filters by reason, name and time', async () => {
    const count = async (query: string) => (await api.get(`/v1/connection-attempts?${query}`)).body.items.length;
    expect(await count('reason=no_certificate')).toBe(3);
    expect(await count('commonName=truck-1')).toBe(1);
    expect(await count(`from=${at(5).toISOString()}`)).toBe(3);
    expect(await count(`to=${at(5).toISOString()}`)).toBe(1);
    expectProblem(await api.get('/v1/connection-attempts?reason=mood'), 400, 'invalid_request');
  });
});

describe('GET /v1/dead-letters', () => {
  beforeAll(async () => {
    await api.fleet.deadLetter(at(0), { offset: 41n });
    for (const partition of [2, 0, 1]) await api.fleet.deadLetter(at(5), { partition, resolvedAt: at(6) });
    await api.otherFleet.deadLetter(at(3));
  });

  test('answers what could not be stored and why, the newest first, each once', async () => {
    const { status, body } = await api.get('/v1/dead-letters', { key: api.keys.read });
    expect(status).toBe(200);
    for (const item of body.items) expect([...Value.Errors(DeadLetterSchema, item)]).toEqual([]);
    expect(body.items).toHaveLength(4);
    expect(body.items[3]).toEqual({
      id: 'fleet.location/3/41',
      at: at(0).toISOString(),
      vehicleId: 'truck-1',
      topic: 'fleet.location',
      errors: [{ code: 'invalid_field', pointer: '/latitude', message: 'must be <= 90' }],
      errorCount: 1,
      payload: Buffer.from('{"latitude":91}').toString('base64'),
    });
    expect(body.items[0]).toMatchObject({ resolvedAt: at(6).toISOString() });
    expect(await everyPage(api, '/v1/dead-letters?limit=1')).toEqual(body.items);
    expectProblem(await api.get('/v1/dead-letters?limit=0'), 400, 'invalid_request');
  });

  test('ends a page early rather than answer with more than 8 MiB of payloads', async () => {
    const payload = Buffer.alloc(3 * 1024 * 1024, 'x');
    for (let index = 0; index < 5; index += 1) await api.fleet.deadLetter(at(60 + index), { payload });
    const from = at(60).toISOString();
    expect((await api.get(`/v1/dead-letters?from=${from}`)).body.items).toHaveLength(2);
    expect(await everyPage(api, `/v1/dead-letters?from=${from}`)).toHaveLength(5);
  });
});

describe('health', () => {
  test('GET /healthz says that the process turns, without a key', async () => {
    expect(await api.get('/healthz', { key: null })).toMatchObject({ status: 200, body: { healthy: true } });
  });

  test('GET /metrics is for Prometheus, and has routes but no ids as labels', async () => {
    await api.get('/v1/vehicles/truck-1');
    const { status, headers, body } = await api.get('/metrics', { key: null });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body).toMatch(/^milepost_api_request_seconds_count\{app="api",method="GET",route="\/v1\/vehicles\/:id",status="404"\} 1$/m);
    expect(body).not.toContain('truck-1');
  });

  test('GET /readyz names the part that is missing, and why', async () => {
    const broker = await statusServer(200, { ready: true, reasons: [] });
    const ingest = await statusServer(503, { ready: false, reasons: ['no partition is assigned'] });
    const other = await apiUnderTest(scope, {
      readiness: new Readiness({
        postgres: checkPostgres(api.pool),
        kafka: () => Promise.reject(new Error('connect ECONNREFUSED')),
        ...checksOfUrls([`broker=${broker}`, `ingest=${broker}`, `ingest=${ingest}`, 'alerts=http://127.0.0.1:1/readyz']),
      }),
    });
    const answer = await other.get('/readyz', { key: null });
    expect(answer.status).toBe(503);
    expect([...Value.Errors(ReadinessSchema, answer.body)]).toEqual([]);
    expect(answer.body).toEqual({
      ready: false,
      parts: [
        { name: 'postgres', ready: true },
        { name: 'kafka', ready: false, reason: 'connect ECONNREFUSED' },
        { name: 'broker', ready: true },
        { name: 'ingest', ready: false, reason: 'no partition is assigned' },
        { name: 'alerts', ready: false, reason: expect.stringContaining('http://127.0.0.1:1/readyz does not answer') },
      ],
    });
    expect(await other.get('/readyz?parts=postgres,broker', { key: null })).toMatchObject({ status: 200, body: { ready: true } });
    expect(await other.get('/readyz?parts=webhooks', { key: null })).toMatchObject({ status: 503 });
    expectProblem(await other.get('/readyz?parts=moon', { key: null }), 400, 'invalid_request');
  });
});

async function statusServer(status: number, body: unknown): Promise<string> {
  const server = createServer((_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.onEnd(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`;
}
