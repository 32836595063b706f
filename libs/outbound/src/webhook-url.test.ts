import { describe, expect, it } from 'vitest';
import { parseAllowList } from './allow-list.js';
import { checkWebhookUrl, type UrlRefusal } from './webhook-url.js';

const none = parseAllowList([]);
const loopback = parseAllowList(['127.0.0.0/8', '::1/128']);

const refused: Record<UrlRefusal['code'], string[]> = {
  invalid_url: [
    '',
    'example.com/hook',
    '/hook',
    'https://',
    'https://[::1',
    'https://256.0.0.1/',
    'https://1.2.3.4.5/',
    `https://e.com/${'x'.repeat(2_100)}`,
  ],
  scheme_not_allowed: [
    'http://example.com/',
    'http://8.8.8.8/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'gopher://example.com/',
    'ws://example.com/',
  ],
  credentials_not_allowed: [
    'https://user@example.com/',
    'https://user:secret@example.com/',
    'https://:secret@example.com/',
    'https://example.com@127.0.0.1/',
  ],
  port_not_allowed: [
    'https://example.com:22/',
    'https://example.com:80/',
    'https://8.8.8.8:25/',
    'https://example.com:1023/',
    'https://[2606:4700::1111]:6/',
  ],
  address_not_allowed: [
    // IPv4 in every notation that the URL standard reads as a number
    'https://127.0.0.1/',
    'https://127.1/',
    'https://127.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://0x7f.1/',
    'https://127.0.0.1./',
    'https://127.255.255.254/',
    'https://①②⑦.0.0.1/',
    'https://127。0。0。1/',
    'https://%31%32%37.0.0.1/',
    'https://0.0.0.0/',
    'https://0/',
    'https://0.1.2.3/',
    'https://10.0.0.1/',
    'https://10.255.255.255/',
    'https://0xa.1/',
    'https://012.0.0.1/',
    'https://167772161/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://192.168.1/',
    'https://3232235521/',
    'https://169.254.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://100.64.0.1/',
    'https://100.127.255.255/',
    'https://100.100.100.200/',
    'https://168.63.129.16/',
    'https://192.0.0.1/',
    'https://192.0.0.192/',
    'https://192.0.2.1/',
    'https://198.51.100.1/',
    'https://203.0.113.1/',
    'https://192.88.99.1/',
    'https://198.18.0.1/',
    'https://198.19.255.255/',
    'https://224.0.0.1/',
    'https://239.255.255.255/',
    'https://240.0.0.1/',
    'https://255.255.255.255/',
    // IPv6
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::127.0.0.1]/',
    'https://[::7f00:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::ffff:0:127.0.0.1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://[64:ff9b::8.8.8.8]/',
    'https://[64:ff9b:1::10.0.0.1]/',
    'https://[2002:7f00:1::]/',
    'https://[2002:a00:1::1]/',
    'https://[2001:0:7f00:1::]/',
    'https://[2001:10::1]/',
    'https://[2001:2::1]/',
    'https://[2001:db8::1]/',
    'https://[3fff::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    'https://[100::1]/',
    'https://[5f00::1]/',
    'https://[4000::1]/',
    // names of this machine
    'https://localhost/',
    'https://localhost./',
    'https://LOCALHOST:8443/',
    'https://a.localhost/',
    'https://localhost.localdomain/',
    'https://ip6-localhost/',
    'https://ip6-loopback/',
  ],
};

describe('checkWebhookUrl', () => {
  for (const [code, urls] of Object.entries(refused)) {
    it.each(urls)(`refuses %s: ${code}`, (url) => {
      expect(checkWebhookUrl(url, none)).toMatchObject({ ok: false, code });
    });
  }

  it.each([
    'https://example.com/hook?a=1',
    'https://example.com:8443/',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example/',
  ])('takes %s', (url) => {
    expect(checkWebhookUrl(url, none)).toEqual({ ok: true, href: new URL(url).href });
  });

  it.each([
    'http://127.0.0.1:9000/hook',
    'http://127.1/',
    'http://2130706433:80/',
    'http://localhost:9000/',
    'http://[::1]:9000/',
    'https://127.0.0.1:22/',
    'http://[::ffff:127.0.0.1]:1/',
  ])('takes %s when WEBHOOK_ALLOW lists loopback: plain http and any port', (url) =>
    expect(checkWebhookUrl(url, loopback)).toEqual({ ok: true, href: new URL(url).href }),
  );

  it.each([
    'http://10.0.0.1/',
    'http://example.com/',
    'https://example.com:22/',
    'https://169.254.169.254/',
    'http://user@127.0.0.1/',
    'http://[::2]/',
  ])('still refuses %s when WEBHOOK_ALLOW lists loopback', (url) => expect(checkWebhookUrl(url, loopback).ok).toBe(false));

  it('names both schemes that there are to whoever gives a third', () => {
    expect(checkWebhookUrl('ftp://x/', loopback)).toMatchObject({
      code: 'scheme_not_allowed',
      message: expect.stringMatching(/https:\/\/, or http:\/\/ at an address that WEBHOOK_ALLOW lists; not with ftp:/),
    });
  });
});

describe('parseAllowList', () => {
  it.each(['10/8', '0x7f.1', 'localhost', '10.0.0.0/33', '::/129', '10.0.0.0/8 ', ''])('refuses %j rather than guess', (entry) => {
    expect(() => parseAllowList(['127.0.0.1', entry])).toThrow(`WEBHOOK_ALLOW: ${JSON.stringify(entry)} is not a network`);
  });

  it('takes networks and single addresses of both versions', () => {
    expect(parseAllowList(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1'])).toHaveLength(4);
  });
});
