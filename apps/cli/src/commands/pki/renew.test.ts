import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority, serverHosts } from '@milepost/pki';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createProgram } from '../../program.js';
import { Installation } from '../../reaching/installation.js';

const dayMs = 86_400_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-renew-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const pki = (...args: string[]) =>
  createProgram(new Installation({ MILEPOST_DATA_DIR: folder }, '/')).parseAsync(['pki', ...args], { from: 'user' });
const read = (name: string) => readFile(join(folder, 'pki', name), 'utf8');
const inDays = (days: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * dayMs });

it('renews the broker’s certificate in its last days, with the names that it holds, and the revocation list', async () => {
  await pki('init', '--host', 'broker', '--host', '192.0.2.7');
  const [before, list] = [await read('server.crt'), await read('ca.crl')];
  await pki('renew');
  expect([await read('server.crt'), await read('ca.crl')]).toEqual([before, list]);

  inDays(340);
  await pki('renew');
  const renewed = new X509Certificate(await read('server.crt'));
  expect(Date.parse(renewed.validTo) - Date.now()).toBeGreaterThan(300 * dayMs);
  expect(await serverHosts(await openAuthority(join(folder, 'pki')))).toEqual(['localhost', '127.0.0.1', '::1', 'broker', '192.0.2.7']);
  expect(await read('ca.crl')).not.toBe(list);
});

it('adds a name, and makes no authority where there is none', async () => {
  await expect(pki('renew')).rejects.toThrow('There is no certificate authority');
  await pki('init', '--host', 'broker');
  await pki('renew', '--host', 'fleet.example.org');
  const hosts = await serverHosts(await openAuthority(join(folder, 'pki')));
  expect(hosts).toEqual(expect.arrayContaining(['broker', 'fleet.example.org']));
});
