import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Authority } from '../authority/authority.js';
import { createAuthority } from '../issuing/create-authority.js';
import { issueCertificate } from '../issuing/issue-certificate.js';
import { revoke } from '../revoking/revoke.js';
import { identify, identifyPeer } from './identify.js';
import { loadTrust, type Trust } from './trust.js';

let folder: string;
let authority: Authority;
let trust: Trust;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-known-'));
  authority = await createAuthority(folder);
  trust = await loadTrust(authority.files.trust, { pollMs: 60_000 });
});
afterAll(async () => {
  trust.close();
  await rm(folder, { recursive: true });
});

/** The certificate as each handshake reads it: an object of its own. Tells whether its signature was looked at. */
function read(pem: string) {
  const certificate = new X509Certificate(pem);
  const verify = vi.spyOn(certificate, 'verify');
  return { certificate, looked: () => verify.mock.calls.length > 0 };
}

it('the signature of a certificate that was seen is not computed again, and what was found is the same', async () => {
  const { certificatePem } = await issueCertificate(authority, { vehicleId: 'truck-1', organisation: 'north' });
  const [first, second] = [read(certificatePem), read(certificatePem)];
  const found = identify(first.certificate, trust);
  expect(found).toMatchObject({ ok: true, vehicleId: 'truck-1', organisation: 'north' });
  expect(identify(second.certificate, trust)).toEqual(found);
  expect([first.looked(), second.looked()]).toEqual([true, false]);
});

it('validity and revocation are judged each time', async () => {
  const { certificatePem } = await issueCertificate(authority, { vehicleId: 'truck-2' });
  expect(identify(new X509Certificate(certificatePem), trust).ok).toBe(true);
  const later = new Date(Date.now() + 400 * 365 * 86_400_000);
  expect(identify(new X509Certificate(certificatePem), trust, later)).toMatchObject({ reason: 'expired' });
  await revoke(authority, { vehicleId: 'truck-2' });
  await trust.reload();
  expect(identify(new X509Certificate(certificatePem), trust)).toMatchObject({ reason: 'revoked' });
});

it('a certificate that nobody vouches for is looked at each time', async () => {
  const stranger = await createAuthority(join(folder, 'stranger'));
  const { certificatePem } = await issueCertificate(stranger, { vehicleId: 'truck-3' });
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(identify(new X509Certificate(certificatePem), trust)).toMatchObject({ reason: 'unknown_ca', commonName: 'truck-3' });
  }
});

/** A peer as node:tls shows it. Tells whether node:crypto's object of its certificate was made. */
function peerWith(pem: string) {
  const getPeerX509Certificate = vi.fn(() => new X509Certificate(pem));
  const peer = { getPeerCertificate: () => ({ fingerprint256: new X509Certificate(pem).fingerprint256 }), getPeerX509Certificate };
  return { peer, looked: () => getPeerX509Certificate.mock.calls.length > 0 };
}

it('a peer whose certificate was seen is known by its fingerprint, and what is found of it is the same', async () => {
  const { certificatePem } = await issueCertificate(authority, { vehicleId: 'truck-4', organisation: 'north' });
  const [first, second] = [peerWith(certificatePem), peerWith(certificatePem)];
  const found = identifyPeer(first.peer, trust);
  expect(found).toEqual(identify(new X509Certificate(certificatePem), trust));
  expect(found).toMatchObject({ ok: true, vehicleId: 'truck-4', organisation: 'north' });
  expect(identifyPeer(second.peer, trust)).toEqual(found);
  expect([first.looked(), second.looked()]).toEqual([true, false]);
});

it('validity and revocation of a peer are judged each time', async () => {
  const { certificatePem } = await issueCertificate(authority, { vehicleId: 'truck-5' });
  const { peer } = peerWith(certificatePem);
  expect(identifyPeer(peer, trust).ok).toBe(true);
  expect(identifyPeer(peer, trust, new Date(0))).toMatchObject({ reason: 'not_yet_valid' });
  await revoke(authority, { vehicleId: 'truck-5' });
  await trust.reload();
  expect(identifyPeer(peer, trust)).toMatchObject({ reason: 'revoked' });
});

it('a peer without a certificate, or whose socket is gone, is nobody', () => {
  for (const shown of [{}, null])
    expect(identifyPeer({ getPeerCertificate: () => shown, getPeerX509Certificate: () => undefined }, trust)).toMatchObject({
      reason: 'no_certificate',
    });
});
