import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllowList } from './allow-list.js';
import { createGuardedAgent } from './guarded-agent.js';
import type { Lookup } from './shared-lookup.js';

let server: Server;
let port: number;
let requests: string[] = [];

beforeAll(async () => {
  server = createServer((incoming, response) => {
    requests.push(incoming.url ?? '');
    if (incoming.url === '/redirect') response.writeHead(307, { location: '/secret' }).end();
    else response.end('seen');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
beforeEach(() => {
  requests = [];
});

const answering =
  (...answers: string[][]): Lookup =>
  (_hostname, _options, callback) => {
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

async function call(url: string, allow: string[], lookup?: Lookup): Promise<string> {
  const agent = createGuardedAgent(parseAllowList(allow), { connectTimeoutMs: 300, ...(lookup && { lookup }) });
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent, method: 'POST', body: '{}' });
    await body.dump();
    return String(statusCode);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await agent.destroy();
  }
}

describe('createGuardedAgent', () => {
  it.each(['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]'])(
    'does not connect to %s unless it is listed',
    async (host) => {
      for (const protocol of ['http', 'https']) expect(await call(`${protocol}://${host}:${port}/`, [])).toBe('outbound_refused');
      expect(requests).toEqual([]);
    },
  );

  it('connects to a listed address over plain http', async () => {
    expect(await call(`http://127.0.0.1:${port}/`, ['127.0.0.0/8'])).toBe('200');
    expect(requests).toEqual(['/']);
  });

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00:ec2::254', '64:ff9b::7f00:1'])(
    'does not connect to a name that resolves to %s',
    async (address) => {
      expect(await call(`https://receiver.example:${port}/`, [], answering([address]))).toBe('outbound_refused');
      expect(requests).toEqual([]);
    },
  );

  it('asks for a name once a connection and goes where the checked answer says: rebinding gains nothing', async () => {
    let asked = 0;
    const rebinding: Lookup = (_hostname, _options, callback) => {
      asked += 1;
      // 192.0.2.0/24 is allowed here and answers nobody; the second answer would be our own server.
      callback(null, [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]);
    };
    expect(await call(`http://rebinding.example:${port}/`, ['192.0.2.0/24'], rebinding)).not.toBe('200');
    expect([asked, requests]).toEqual([1, []]);
  });

  it('leaves out the refused ones of several addresses', async () => {
    const lookup = answering(['127.0.0.2', '127.0.0.1']);
    expect(await call(`http://both.example:${port}/`, ['127.0.0.1/32'], lookup)).toBe('200');
    // Nobody listens at the allowed one here: whoever was handed ours beside it would go on to it.
    expect(await call(`http://both.example:${port}/`, ['127.0.0.2/32'], lookup)).not.toBe('200');
    expect(requests).toEqual(['/']);
  });

  it('does not speak plain http, nor to a low port, to a public address that is not listed', async () => {
    const lookup = answering(['8.8.8.8']);
    expect(await call('http://public.example/', [], lookup)).toBe('outbound_refused');
    expect(await call('https://public.example:22/', [], lookup)).toBe('outbound_refused');
    expect(await call('http://8.8.8.8/', [])).toBe('outbound_refused');
  });

  it('hands a redirect back instead of following it', async () => {
    expect(await call(`http://127.0.0.1:${port}/redirect`, ['127.0.0.0/8'])).toBe('307');
    expect(requests).toEqual(['/redirect']);
  });
});
