import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, type CertificateRequest, createAuthority, issueCertificate, loadTrust, revoke, type Trust } from '@milepost/pki';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectVehicleCertificate } from './inspect-vehicle-certificate.js';

const hourMs = 3_600_000;
let folder: string;
let authority: Authority;
let other: Authority;
let trust: Trust;

const filesOf = async (request: Partial<CertificateRequest> = {}, from = authority) => {
  const { certificatePem, privateKeyPem } = await issueCertificate(from, { vehicleId: 'truck-1', ...request });
  return { certificate: certificatePem, key: privateKeyPem, ca: authority.certificatePem, trust };
};
const faults = (content: Parameters<typeof inspectVehicleCertificate>[0]) => inspectVehicleCertificate(content).filter(({ ok }) => !ok);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-doctor-'));
  authority = await createAuthority(folder, { organisations: ['default'] });
  other = await createAuthority(join(folder, 'other'));
  trust = await loadTrust(authority.files.trust, { pollMs: 60_000 });
});
afterAll(async () => {
  trust.close();
  await rm(folder, { recursive: true });
});

describe('inspectVehicleCertificate', () => {
  it('finds nothing wrong with files that are right, with or without knowing what the broker trusts', async () => {
    const { trust: _, ...withoutTrust } = await filesOf();
    expect(faults(await filesOf())).toEqual([]);
    expect(faults(withoutTrust)).toEqual([]);
  });

  it('sees a key that is not the certificate’s', async () => {
    const { key } = await filesOf();
    expect(faults({ ...(await filesOf()), key })).toMatchObject([{ subject: 'Key', detail: expect.stringContaining('does not belong') }]);
  });

  it.each([
    ['expired', { notAfter: new Date(Date.now() - hourMs) }],
    ['not_yet_valid', { notBefore: new Date(Date.now() + hourMs) }],
    ['organisation_not_allowed', { organisation: 'acme' }],
  ])('gives the broker’s own reason: %s', async (reason, request) => {
    expect(faults(await filesOf(request))).toMatchObject([
      { subject: 'Identity', detail: expect.stringContaining(reason), mend: expect.any(String) },
    ]);
  });

  it('sees a certificate of another CA, and one that is revoked', async () => {
    expect(faults(await filesOf({}, other))).toMatchObject([{ subject: 'Identity', detail: expect.stringContaining('unknown_ca') }]);
    const files = await filesOf({ vehicleId: 'truck-2' });
    await revoke(authority, { vehicleId: 'truck-2' });
    await trust.reload();
    expect(faults(files)).toMatchObject([{ subject: 'Identity', detail: expect.stringContaining('revoked') }]);
  });

  it('sees files that were mixed up', async () => {
    const files = await filesOf();
    expect(faults({ ...files, certificate: files.key })).toMatchObject([{ subject: 'Certificate' }]);
    expect(faults({ ...files, key: files.certificate, ca: files.certificate })).toMatchObject([{ subject: 'Key' }, { subject: 'CA' }]);
  });
});
