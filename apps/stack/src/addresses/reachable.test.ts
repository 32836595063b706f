import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { namesOf, reachable } from './reachable.js';

describe('reachable', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8080/'],
    ['192.0.2.7', 'http://192.0.2.7:8080/'],
    ['fleet.example.org', 'http://fleet.example.org:8080/'],
    ['0.0.0.0', 'http://127.0.0.1:8080/'],
    ['::', 'http://127.0.0.1:8080/'],
    ['::1', 'http://[::1]:8080/'],
  ])('what listens on %s is found at %s', (host, url) => {
    expect(new URL(`http://${reachable(host)}:8080`).href).toBe(url);
  });
});

describe('namesOf', () => {
  const v4 = { netmask: '255.255.255.0', mac: '00:00:00:00:00:00', cidr: null, family: 'IPv4' as const };
  const v6 = { netmask: 'ffff:ffff:ffff:ffff::', mac: '00:00:00:00:00:00', cidr: null, family: 'IPv6' as const };
  const interfaces = {
    lo: [{ ...v4, address: '127.0.0.1', internal: true }],
    eth0: [
      { ...v4, address: '192.0.2.7', internal: false },
      { ...v6, address: '2001:db8::7', internal: false, scopeid: 0 },
      { ...v6, address: 'fe80::7', internal: false, scopeid: 2 },
    ],
  };

  it('who listens on all addresses is called by each that others reach', () => {
    expect(namesOf('0.0.0.0', interfaces)).toEqual(['192.0.2.7', '2001:db8::7']);
    expect(namesOf('::', interfaces)).toEqual(['192.0.2.7', '2001:db8::7']);
    expect(() => namesOf('0.0.0.0', networkInterfaces())).not.toThrow();
  });

  it('who listens on one is called by that', () => {
    expect(namesOf('192.0.2.7', interfaces)).toEqual(['192.0.2.7']);
  });
});
