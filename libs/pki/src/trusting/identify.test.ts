import { sign, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authority } from '../authority/authority.js';
import { derChildren, derTag, readDer, writeDer } from '../encoding/der.js';
import { createAuthority } from '../issuing/create-authority.js';
import { type CertificateRequest, issueCertificate } from '../issuing/issue-certificate.js';
import { issueServerCertificate } from '../issuing/server-certificate.js';
import { revoke } from '../revoking/revoke.js';
import { identify, identifyPeer, isRevoked, recheck } from './identify.js';
import { loadTrust, type Trust } from './trust.js';

const hourMs = 3_600_000;
let folder: string;
let own: Authority;
let acme: Authority;
let stranger: Authority;
let trust: Trust;

const certify = async (authority: Authority, request: CertificateRequest) =>
  new X509Certificate((await issueCertificate(authority, request)).certificatePem);

/** The certificate with another end of its validity, signed anew by `own`: what a careless CA can make. */
function withEnd(certificate: X509Certificate, utcTime: string): X509Certificate {
  const [tbs, algorithm] = derChildren(readDer(certificate.raw).content);
  if (tbs === undefined || algorithm === undefined) throw new Error('expected a certificate');
  const VALIDITY = 4;
  const fields = [...derChildren(tbs.content)].map(({ whole, content }, index) => {
    const [start] = index === VALIDITY ? derChildren(content) : [];
    return start === undefined ? whole : writeDer(derTag.sequence, start.whole, writeDer(derTag.utcTime, Buffer.from(utcTime)));
  });
  const signed = writeDer(derTag.sequence, ...fields);
  const signature = writeDer(derTag.bitString, Buffer.from([0]), sign('sha256', signed, own.privateKey));
  return new X509Certificate(writeDer(derTag.sequence, signed, algorithm.whole, signature));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-pki-'));
  own = await createAuthority(join(folder, 'own'));
  acme = await createAuthority(join(folder, 'acme'), { commonName: 'Acme CA' });
  stranger = await createAuthority(join(folder, 'stranger'));
  const file = join(folder, 'trusted-cas.json');
  await writeFile(
    file,
    JSON.stringify([
      { name: 'own', certificateFile: 'own/ca.crt', organisations: ['*'], crlFile: 'own/ca.crl' },
      { name: 'acme', certificateFile: 'acme/ca.crt', organisations: ['acme'], vehicleIdUriPrefix: 'urn:acme:vehicle:' },
    ]),
  );
  trust = await loadTrust(file, { pollMs: 60_000 });
});
afterAll(async () => {
  trust.close();
  await rm(folder, { recursive: true });
});

describe('identify', () => {
  it('names the vehicle, its organisation and the CA that vouches for them', async () => {
    const certificate = await certify(own, { vehicleId: 'truck-1', organisation: 'north' });
    expect(identify(certificate, trust)).toMatchObject({
      ok: true,
      vehicleId: 'truck-1',
      organisation: 'north',
      authority: 'own',
      issuer: 'CN=milepost development CA, O=milepost',
      serial: certificate.serialNumber,
      notAfter: new Date(certificate.validTo),
    });
  });

  it('refuses a client without a certificate', () => {
    expect(identify(undefined, trust)).toMatchObject({ ok: false, reason: 'no_certificate' });
  });

  it('refuses a CA that is not trusted, even one that bears the name of a trusted one, and believes nothing that it says', async () => {
    const result = identify(await certify(stranger, { vehicleId: 'truck-1', organisation: 'north' }), trust);
    expect(result).toMatchObject({ ok: false, reason: 'unknown_ca', commonName: 'truck-1', claimedOrganisation: 'north' });
    expect(result).not.toHaveProperty('organisation');
  });

  it('is not deceived by a certificate that names a trusted CA and its key, but is signed with another', async () => {
    const forger = { ...own, signingKey: stranger.signingKey };
    expect(identify(await certify(forger, { vehicleId: 'truck-1' }), trust)).toMatchObject({ ok: false, reason: 'unknown_ca' });
  });

  it('refuses a certificate from the moment it expires', async () => {
    const notAfter = new Date(Math.floor(Date.now() / 1_000) * 1_000 + hourMs);
    const certificate = await certify(own, { vehicleId: 'truck-2', notAfter });
    expect(identify(certificate, trust, new Date(notAfter.getTime() - 1))).toMatchObject({ ok: true });
    expect(identify(certificate, trust, notAfter)).toMatchObject({ ok: false, reason: 'expired', organisation: 'default', notAfter });
    const past = await certify(own, { vehicleId: 'truck-2', notAfter: new Date(Date.now() - hourMs) });
    expect(identify(past, trust)).toMatchObject({ ok: false, reason: 'expired' });
  });

  it('refuses a certificate whose time has not come', async () => {
    const certificate = await certify(own, { vehicleId: 'truck-3', notBefore: new Date(Date.now() + hourMs) });
    expect(identify(certificate, trust)).toMatchObject({ ok: false, reason: 'not_yet_valid' });
    expect(identify(certificate, trust, new Date(Date.now() + 2 * hourMs))).toMatchObject({ ok: true });
  });

  it('refuses everybody whose CA has expired', async () => {
    const certificate = await certify(own, { vehicleId: 'truck-3', notAfter: new Date(Date.now() + 20 * 365 * 24 * hourMs) });
    const later = new Date(Date.now() + 11 * 365 * 24 * hourMs);
    expect(identify(certificate, trust, later)).toMatchObject({ reason: 'expired', detail: expect.stringContaining('The CA "own"') });
    const before = identify(certificate, trust);
    if (!before.ok) throw new Error('expected an identity');
    expect(recheck(before, trust, later)).toMatchObject({ reason: 'expired', detail: expect.stringContaining('The CA "own"') });
  });

  describe('where a CA was renewed, and its certificate of before is still listed first,', () => {
    const YEAR_2028 = new Date('2028-01-01T00:00:00Z');
    let renewed: Trust;

    beforeAll(async () => {
      await writeFile(join(folder, 'before.crt'), withEnd(own.certificate, '270601000000Z').toString());
      const file = join(folder, 'renewed.json');
      await writeFile(
        file,
        JSON.stringify([
          { name: 'before', certificateFile: 'before.crt', organisations: ['*'], crlFile: 'own/ca.crl' },
          { name: 'now', certificateFile: 'own/ca.crt', organisations: ['*'] },
        ]),
      );
      renewed = await loadTrust(file, { pollMs: 60_000 });
    });
    afterAll(() => renewed.close());

    const certified = async (vehicleId: string) => {
      const certificate = await certify(own, { vehicleId, notAfter: new Date('2030-01-01T00:00:00Z') });
      const identity = identify(certificate, renewed);
      if (!identity.ok) throw new Error('expected an identity');
      expect(identity.authority).toBe('before');
      return { certificate, identity };
    };

    it('lets in whom the new one vouches for when the other is over, and open connections stay', async () => {
      const { certificate, identity } = await certified('truck-5');
      const peer = { getPeerCertificate: () => certificate.toLegacyObject(), getPeerX509Certificate: () => certificate };
      expect(identify(certificate, renewed, YEAR_2028)).toMatchObject({ ok: true, authority: 'now' });
      expect(identifyPeer(peer, renewed, YEAR_2028)).toMatchObject({ ok: true, authority: 'now' });
      expect(recheck(identity, renewed, YEAR_2028)).toBeUndefined();
    });

    it('takes for revoked what is on the list of either', async () => {
      const { certificate, identity } = await certified('truck-6');
      await revoke(own, { vehicleId: 'truck-6' });
      await renewed.reload();
      expect(identify(certificate, renewed, YEAR_2028)).toMatchObject({ ok: false, reason: 'revoked' });
      expect(recheck(identity, renewed, YEAR_2028)).toMatchObject({ reason: 'revoked' });
    });
  });

  it('refuses a certificate whose validity nobody can read, though its CA is trusted', async () => {
    const certificate = withEnd(await certify(own, { vehicleId: 'truck-1' }), '991332250000Z');
    expect(certificate.validTo).toBe('Bad time value');
    expect(identify(certificate, trust)).toMatchObject({ ok: false, reason: 'expired', organisation: 'default' });
  });

  it('refuses a revoked certificate, and no other of the same vehicle issued later', async () => {
    const certificate = await certify(own, { vehicleId: 'truck-4' });
    const before = identify(certificate, trust);
    if (!before.ok) throw new Error('expected an identity');
    expect(await revoke(own, { vehicleId: 'truck-4' })).toEqual({
      serials: [certificate.serialNumber],
      added: [certificate.serialNumber],
      unknown: [],
    });
    await trust.reload();
    expect(identify(certificate, trust)).toMatchObject({ ok: false, reason: 'revoked', organisation: 'default' });
    expect(recheck(before, trust)).toMatchObject({ reason: 'revoked' });
    expect(isRevoked(trust, before.issuer, before.serial.toLowerCase())).toBe(true);
    expect(isRevoked(trust, 'CN=Acme CA, O=milepost', before.serial)).toBe(false);
    expect(identify(await certify(own, { vehicleId: 'truck-4' }), trust)).toMatchObject({ ok: true });
  });

  it('refuses an organisation for which the CA may not speak', async () => {
    const result = identify(await certify(acme, { vehicleId: 'x', organisation: 'north', uri: 'urn:acme:vehicle:x' }), trust);
    expect(result).toMatchObject({ ok: false, reason: 'organisation_not_allowed', claimedOrganisation: 'north' });
    expect(result).not.toHaveProperty('organisation');
  });

  it.each([
    ['empty', ''],
    ['longer than 128 characters', 'é'.repeat(129)],
    ['with U+0000', 'a\0b'],
  ])('refuses an organisation that is %s, which nothing could be stored of, though the CA may speak for all', async (_, organisation) => {
    const result = identify(await certify(own, { vehicleId: 'truck-1', organisation }), trust);
    expect(result).toMatchObject({ ok: false, reason: 'organisation_not_allowed', detail: expect.stringContaining('1 to 128 characters') });
    expect(result).not.toHaveProperty('organisation');
  });

  it('takes the vehicle id from a URI where the CA is configured so', async () => {
    const request = { vehicleId: 'cn', organisation: 'acme' };
    expect(identify(await certify(acme, { ...request, uri: 'urn:acme:vehicle:bus-7' }), trust)).toMatchObject({
      ok: true,
      vehicleId: 'bus-7',
    });
    expect(identify(await certify(acme, { ...request, uri: 'urn:other:bus-7' }), trust)).toMatchObject({ reason: 'bad_vehicle_id' });
    const crafted = await certify(acme, { ...request, uri: 'urn:other:a, URI:urn:acme:vehicle:evil, x' });
    expect(identify(crafted, trust)).toMatchObject({ reason: 'bad_vehicle_id' });
  });

  it('refuses a vehicle id that could not be a part of a topic', async () => {
    const result = identify(await certify(acme, { vehicleId: 'cn', organisation: 'acme', uri: 'urn:acme:vehicle:a/b' }), trust);
    expect(result).toMatchObject({ ok: false, reason: 'bad_vehicle_id', detail: expect.stringContaining('"a/b"') });
  });

  it('does not take a server for a vehicle', async () => {
    const { certificateFile } = await issueServerCertificate(own);
    const server = new X509Certificate(await readFile(certificateFile));
    expect(identify(server, trust)).toMatchObject({
      ok: false,
      reason: 'bad_vehicle_id',
      detail: expect.stringContaining('client authentication'),
    });
    expect(identify(own.certificate, trust)).toMatchObject({ ok: false, reason: 'bad_vehicle_id' });
  });
});
