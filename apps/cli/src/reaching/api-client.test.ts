import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ApiClient, ApiFailureError, ApiRefusalError } from './api-client.js';

let server: Server | undefined;
afterEach(() => server?.close());

/** Asks a server that answers everything so. */
async function asked(status: number, body: string): Promise<unknown> {
  server = createServer((_request, response) => response.writeHead(status, { connection: 'close' }).end(body));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new ApiClient(url, 'mp_x').call('GET', '/v1/alerts');
}

const stranger = (status: number) =>
  new RegExp(`http://127\\.0\\.0\\.1:\\d+ answered ${status}, and not as milepost's API does\\. Check MILEPOST_API_URL`);

it.each([
  [200, '<html>'],
  [404, 'no such page'],
  [502, ''],
])('says of a %i that is not milepost’s who answered, and what to check', async (status, body) => {
  await expect(asked(status, body)).rejects.toThrow(stranger(status));
});

it('tells what may be asked again from what may not', async () => {
  await expect(asked(502, '')).rejects.toBeInstanceOf(ApiFailureError);
  server?.close();
  await expect(asked(404, '')).rejects.toBeInstanceOf(ApiRefusalError);
});

it('gives what the API gives', async () => {
  expect(await asked(200, '{"items":[]}')).toEqual({ items: [] });
});

it('reads on where a page ended early, and no further than was asked for', async () => {
  const limits: number[] = [];
  server = createServer(({ url = '' }, response) => {
    const query = new URL(url, 'http://api').searchParams;
    const from = Number(query.get('cursor') ?? 0);
    limits.push(Number(query.get('limit')));
    const end = Math.min(from + 3, from + (limits.at(-1) ?? 0), 8);
    const items = Array.from({ length: end - from }, (_, index) => from + index);
    response.writeHead(200, { connection: 'close' }).end(JSON.stringify({ items, ...(end < 8 && { nextCursor: String(end) }) }));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const client = new ApiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'mp_x');
  expect(await client.all('/v1/alerts', {}, 5)).toEqual([0, 1, 2, 3, 4]);
  expect(limits.splice(0)).toEqual([5, 2]);
  expect(await client.all('/v1/alerts')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(limits).toEqual([1_000, 1_000, 1_000]);
});
