import { useTestScope } from '@milepost/test-support';
import { validate } from '@scalar/openapi-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { problemCodes } from '../../../apps/api/src/problems/codes.js';
import { type ApiUnderTest, apiUnderTest } from './api-under-test.js';

interface Operation {
  operationId: string;
  summary?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; description?: string }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

const scope = useTestScope();
let api: ApiUnderTest;
let document: { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, object> } };
const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

beforeAll(async () => {
  api = await apiUnderTest(scope);
  document = (await api.get('/docs/json', { key: null })).body;
});

describe('the OpenAPI document', () => {
  test('is one of version 3.1 by its own schema, the same at both addresses', async () => {
    expect(await validate(document)).toMatchObject({ valid: true, version: '3.1', errors: [] });
    expect(document.openapi).toBe('3.1.0');
    expect((await api.get('/openapi.json', { key: null })).body).toEqual(document);
  });

  test('says of every parameter what it is', () => {
    const parameters = operations().flatMap(({ path, method, operation }) =>
      (operation.parameters ?? []).map(({ name, description }) => ({ parameter: `${method} ${path} ${name}`, description })),
    );
    expect(parameters.length).toBeGreaterThan(0);
    expect(parameters.filter(({ description = '' }) => description === '')).toEqual([]);
  });

  test('has all paths of the API', () => {
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/healthz',
      '/metrics',
      '/readyz',
      '/v1/alerts',
      '/v1/alerts/{id}',
      '/v1/alerts/{id}/acknowledge',
      '/v1/alerts/{id}/history',
      '/v1/alerts/{id}/resolve',
      '/v1/alerts/{id}/snooze',
      '/v1/connection-attempts',
      '/v1/dead-letters',
      '/v1/events',
      '/v1/geofences',
      '/v1/geofences/{id}',
      '/v1/incidents',
      '/v1/incidents/{id}',
      '/v1/incidents/{id}/vehicles',
      '/v1/mutes',
      '/v1/mutes/{id}',
      '/v1/policies',
      '/v1/policies/groups/{id}',
      '/v1/policies/organisation',
      '/v1/policies/vehicles/{id}',
      '/v1/positions',
      '/v1/trace',
      '/v1/vehicle-groups',
      '/v1/vehicle-groups/{id}',
      '/v1/vehicle-groups/{id}/vehicles',
      '/v1/vehicle-groups/{id}/vehicles/{vehicleId}',
      '/v1/vehicles',
      '/v1/vehicles/{id}',
      '/v1/vehicles/{id}/diagnostics',
      '/v1/vehicles/{id}/locations',
      '/v1/vehicles/{id}/policy',
      '/v1/vehicles/{id}/presence/explain',
      '/v1/vehicles/{id}/status-reports',
      '/v1/webhooks',
      '/v1/webhooks/{id}',
      '/v1/webhooks/{id}/deliveries',
      '/v1/webhooks/{id}/deliveries/{deliveryId}',
      '/v1/webhooks/{id}/deliveries/{deliveryId}/replay',
      '/v1/webhooks/{id}/replay',
      '/v1/webhooks/{id}/rotate-secret',
      '/v1/webhooks/{id}/skip',
      '/v1/webhooks/{id}/test',
    ]);
  });

  test('describes parameters, answers and problems of each', () => {
    for (const { path, method, operation } of operations()) {
      const what = `${method} ${path}`;
      expect(operation.operationId, what).toBeTruthy();
      expect(operation.summary, what).toBeTruthy();
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath, what).toEqual(path.match(/\{\w+\}/g) ?? []);
      if (method === 'post' && !/\/(deliveries\/\{deliveryId\}\/replay|test)$/.test(path))
        expect(operation.requestBody, what).toBeDefined();
      const success = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      expect(success, what).toHaveLength(1);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description, `${what} ${status}`).toBeTruthy();
        if (status !== '204') expect(Object.keys(response.content ?? {}), `${what} ${status}`).not.toHaveLength(0);
      }
      if (path.startsWith('/v1')) {
        for (const status of ['400', '401', '403', '429', '500', '503']) {
          expect(Object.keys(operation.responses[status]?.content ?? {}), `${what} ${status}`).toEqual(['application/problem+json']);
        }
      }
    }
  });

  test('gives each operation a name of its own', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  test('refers only to what it has', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(document.components.schemas).toHaveProperty(reference.split('/').at(-1) ?? '');
    }
  });

  test('names every code of a problem', () => {
    const text = JSON.stringify(document);
    const unnamed = Object.keys(problemCodes).filter((code) => !text.includes(`\`${code}\``));
    // These are not of an operation.
    expect(unnamed).toEqual(['malformed_request', 'route_not_found', 'method_not_allowed', 'request_timeout', 'headers_too_large']);
  });

  test('is shown to people at /docs, from this server alone', async () => {
    expect((await api.get('/docs', { key: null })).headers.location).toBe('/docs/');
    const { status, headers, body } = await api.get('/docs/', { key: null });
    expect(status).toBe(200);
    expect(body).toContain('milepost API');
    expect(headers['content-security-policy']).toMatch(/script-src 'self' 'unsafe-inline'/);
    expect(String(body).match(/(?:src|href)="https?:/)).toBeNull();
    expect((await api.get('/docs/js/scalar.js', { key: null })).status).toBe(200);
    expect((await api.get('/favicon.ico', { key: null })).status).toBe(204);
  });

  test('is where a browser lands that opens the address of the API, and whoever does not follow reads where it is', async () => {
    const { status, headers, body } = await api.get('/', { key: null });
    expect({ status, location: headers.location }).toEqual({ status: 302, location: '/docs/' });
    expect(String(body)).toMatch(/\/docs is its documentation.*\/openapi\.json/);
  });

  test('shows nothing at /docs that leads to the maker of the viewer', async () => {
    const { body } = await api.get('/docs/', { key: null });
    const page = String(body).replaceAll('&quot;', '"').replaceAll(/\s/g, '');
    for (const said of ['"agent":{"disabled":true}', '"mcp":{"disabled":true}', '"showDeveloperTools":"never"', '"hideClientButton":true'])
      expect(page).toContain(said);
  });

  test('writes tuples as OpenAPI 3.1 does: no form of an earlier JSON Schema', () => {
    const earlier = new Set<string>();
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('additionalItems' in value) earlier.add('additionalItems');
      if ('items' in value && 'type' in value && value.type === 'array' && Array.isArray(value.items)) earlier.add('items as a list');
      Object.values(value).forEach(look);
    };
    look(document);
    expect([...earlier]).toEqual([]);
  });
});
