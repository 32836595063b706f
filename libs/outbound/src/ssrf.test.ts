import type { LookupAddress } from 'node:dns';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllowList } from './allow-list.js';
import { createGuardedAgent } from './guarded-agent.js';
import type { Lookup } from './shared-lookup.js';
import { checkWebhookUrl } from './webhook-url.js';

/** Counts whoever connects to this machine, on both loopbacks. */
const listeners: Server[] = [];
let port: number;
let connections = 0;

beforeAll(async () => {
  const listen = (host: string, at: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      listeners.push(server);
      server.once('error', reject).listen(at, host, () => resolve((server.address() as AddressInfo).port));
    });
  port = await listen('0.0.0.0', 0);
});
afterAll(() => Promise.all(listeners.map((server) => new Promise((resolve) => server.close(resolve)))));

const none = parseAllowList([]);

/** What a request that is not stopped would come to; the guard's own error otherwise. */
async function connect(url: string, lookup?: Lookup): Promise<string> {
  const agent = createGuardedAgent(none, { connectTimeoutMs: 300, ...(lookup && { lookup }) });
  try {
    await request(url, { dispatcher: agent, method: 'POST', body: '{}' });
    return 'answered';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await agent.destroy();
  }
}

/** Every way to write an address that is nobody's business, as the host of a URL. */
const hosts: Record<string, string[]> = {
  loopback: [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
  ],
  'decimal, octal and hex': [
    '2130706433',
    '017700000001',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '0x7f.0x0.0x0.0x1',
    '167772161',
    '0xa9fea9fe',
    '3232235521',
    '012.0.0.1',
  ],
  'other digits and dots': ['①②⑦.0.0.1', '127。0。0。1', '%31%32%37.0.0.1', '127.0.0.1.'],
  private: [
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '192.168.1',
    '100.64.0.1',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fec0::1]',
  ],
  'link-local and metadata': ['169.254.0.1', '169.254.169.254', '[fe80::1]', '168.63.129.16', '100.100.100.200', '192.0.0.192'],
  multicast: ['224.0.0.1', '239.255.255.255', '[ff02::1]', '[ff0e::1]'],
  unspecified: ['0.0.0.0', '0', '0.1.2.3', '[::]', '[::0]'],
  'reserved and broadcast': [
    '240.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '192.88.99.1',
    '[2001:db8::1]',
    '[100::1]',
    '[4000::1]',
  ],
  'IPv4-mapped and -compatible': [
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:8.8.8.8]',
    '[::127.0.0.1]',
    '[::ffff:0:127.0.0.1]',
  ],
  NAT64: ['[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b::10.0.0.1]', '[64:ff9b::8.8.8.8]', '[64:ff9b:1::10.0.0.1]'],
  '6to4 and Teredo': ['[2002:7f00:1::]', '[2002:a00:1::1]', '[2002:a9fe:a9fe::1]', '[2001:0:7f00:1::]', '[2001::1]'],
};
const forms = Object.entries(hosts).flatMap(([kind, list]) => list.map((host) => ({ kind, host })));

/** What a hostile name server may answer. */
const resolved = [
  '127.0.0.1',
  '127.0.0.53',
  '10.1.2.3',
  '172.20.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.1.1',
  '0.0.0.0',
  '224.0.0.251',
  '255.255.255.255',
  '168.63.129.16',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
  'fe80::1',
  'fe80::1%lo',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  'not an address',
];
const naming =
  (...answers: string[][]): Lookup =>
  (_hostname, _options, callback) => {
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

describe('a webhook that is to reach what is not public', () => {
  it('is tried in sixty forms and more', () => expect(forms.length).toBeGreaterThanOrEqual(60));

  it.each(forms)('as $host ($kind) is refused at registration, and again at connect', async ({ host }) => {
    for (const scheme of ['https', 'http']) {
      const url = `${scheme}://${host}:${port}/hook`;
      expect(checkWebhookUrl(url, none)).toMatchObject({ ok: false, code: 'address_not_allowed' });
      // As if it stood in the database already.
      // A name like localhost is looked up: by a resolver that knows it, whatever this machine's does.
      const lookup = host.toLowerCase().includes('localhost') ? naming(['127.0.0.1', '::1']) : undefined;
      expect(await connect(url, lookup)).toBe('outbound_refused');
    }
    expect(connections).toBe(0);
  });

  it.each(resolved)('by a name that resolves to %s is refused at connect', async (address) => {
    const url = `https://receiver.example:${port}/hook`;
    expect(checkWebhookUrl(url, none).ok).toBe(true);
    expect(await connect(url, naming([address]))).toBe('outbound_refused');
    expect(connections).toBe(0);
  });

  it('by a name that means something else at the next look-up is judged at each connection', async () => {
    const rebinding = naming(['10.0.0.1'], ['127.0.0.1'], ['::1']);
    for (let look = 0; look < 3; look += 1) expect(await connect(`https://rebinding.example:${port}/`, rebinding)).toBe('outbound_refused');
    expect(connections).toBe(0);
  });

  it.each([
    ['https://user@example.com/', 'credentials_not_allowed'],
    ['https://user:secret@example.com/', 'credentials_not_allowed'],
    ['https://:secret@example.com/', 'credentials_not_allowed'],
    ['https://example.com@127.0.0.1/', 'credentials_not_allowed'],
    ['https://127.0.0.1\\@example.com/', 'address_not_allowed'],
    ['https://127.0.0.1#@example.com/', 'address_not_allowed'],
    ['https://127.0.0.1?@example.com/', 'address_not_allowed'],
    ['http://example.com/', 'scheme_not_allowed'],
    ['http://8.8.8.8/', 'scheme_not_allowed'],
    ['http://example.com:8443/', 'scheme_not_allowed'],
    ['ftp://example.com/', 'scheme_not_allowed'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['gopher://example.com/', 'scheme_not_allowed'],
    ['https://example.com:22/', 'port_not_allowed'],
    ['https://example.com:80/', 'port_not_allowed'],
    ['https://8.8.8.8:1023/', 'port_not_allowed'],
    ['https://[2606:4700::1111]:25/', 'port_not_allowed'],
  ])('as %s is refused at registration: %s', (url, code) => expect(checkWebhookUrl(url, none)).toMatchObject({ ok: false, code }));

  it.each([
    'http://public.example/',
    'http://public.example:8443/',
    'https://public.example:22/',
    'https://public.example:80/',
    'https://public.example:1023/',
  ])('as %s is refused at connect, though its name is public', async (url) =>
    expect(await connect(url, naming(['8.8.8.8']))).toBe('outbound_refused'),
  );
});
