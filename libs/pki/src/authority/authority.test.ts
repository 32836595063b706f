import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { X509Certificate as PeculiarCertificate, X509Crl } from '../encoding/x509.js';
import { createAuthority, ensureAuthority } from '../issuing/create-authority.js';
import { issueCertificate } from '../issuing/issue-certificate.js';
import { ensureServerCertificate } from '../issuing/server-certificate.js';
import { earlierVehicleFiles, ensureVehicleFiles, writeVehicleFiles } from '../issuing/vehicle-files.js';
import { readRevocationList } from '../revoking/revocation-list.js';
import { revoke } from '../revoking/revoke.js';
import { type Authority, openAuthority } from './authority.js';
import { readIssued } from './issued-registry.js';

let folder: string;
let authority: Authority;
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-authority-'));
  authority = await createAuthority(folder);
});
afterEach(() => rm(folder, { recursive: true }));

describe('createAuthority', () => {
  it('never overwrites an authority', async () => {
    await expect(createAuthority(folder)).rejects.toMatchObject({ code: 'authority_exists' });
    expect((await ensureAuthority(folder)).certificatePem).toBe(authority.certificatePem);
  });

  it('keeps keys for the owner of the file alone', async () => {
    const { keyFile } = await ensureServerCertificate(authority);
    const files = await writeVehicleFiles(join(folder, 'out'), authority, await issueCertificate(authority, { vehicleId: 'truck-1' }));
    expect(await Promise.all([authority.files.key, keyFile, files.keyFile].map(modeOf))).toEqual([0o600, 0o600, 0o600]);
    expect(createPrivateKey(await readFile(files.keyFile)).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  });

  it('tells what an earlier certificate left in a folder', async () => {
    const out = join(folder, 'out');
    expect(await earlierVehicleFiles(authority, out, 'truck-1')).toBeUndefined();
    const issued = await issueCertificate(authority, { vehicleId: 'truck-1' });
    const { certificateFile, keyFile } = await writeVehicleFiles(out, authority, issued);
    const notAfter = new Date(Math.floor(issued.notAfter.getTime() / 1_000) * 1_000);
    const certificate = { serial: issued.serial, notAfter, standing: 'issued' };
    const files = [certificateFile, keyFile];
    expect(await earlierVehicleFiles(authority, out, 'truck-1')).toEqual({ files, certificate });
    const another = await createAuthority(join(folder, 'another'));
    expect(await earlierVehicleFiles(another, out, 'truck-1')).toEqual({ files, certificate: { ...certificate, standing: 'foreign' } });
    await revoke(authority, { vehicleId: 'truck-1' });
    expect(await earlierVehicleFiles(authority, out, 'truck-1')).toEqual({ files, certificate: { ...certificate, standing: 'revoked' } });
    await rm(certificateFile);
    expect(await earlierVehicleFiles(authority, out, 'truck-1')).toEqual({ files: [keyFile] });
    expect(await earlierVehicleFiles(authority, out, 'truck-2')).toBeUndefined();
  });

  it('leaves one authority when two processes make it at once, and no lock or temporary file', async () => {
    const fresh = join(folder, 'fresh');
    const made = await Promise.all([ensureAuthority(fresh), ensureAuthority(fresh), ensureAuthority(fresh)]);
    expect(new Set(made.map((a) => a.certificatePem)).size).toBe(1);
    expect((await readdir(fresh)).sort()).toEqual(['ca.crl', 'ca.crt', 'ca.key', 'trusted-cas.json']);
  });
});

describe('issueCertificate', () => {
  it('loses no record when many issue at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `truck-${index}`);
    const issued = await Promise.all(names.map(async (vehicleId) => issueCertificate(await openAuthority(folder), { vehicleId })));
    const records = await readIssued(authority.files.issued);
    expect(records.map((r) => r.vehicleId).sort()).toEqual([...names].sort());
    expect(new Set(records.map((r) => r.serial))).toEqual(new Set(issued.map((c) => new X509Certificate(c.certificatePem).serialNumber)));
  });

  it('refuses an id that no topic could carry, and an end before the start', async () => {
    await expect(issueCertificate(authority, { vehicleId: '../../x' })).rejects.toMatchObject({ code: 'bad_vehicle_id' });
    const times = { notBefore: new Date(2_000_000), notAfter: new Date(1_000_000) };
    await expect(issueCertificate(authority, { vehicleId: 'x', ...times })).rejects.toMatchObject({ code: 'bad_validity' });
    await expect(readIssued(authority.files.issued)).resolves.toEqual([]);
  });

  it('stops at a damaged list of issued certificates instead of beginning a new one', async () => {
    await writeFile(authority.files.issued, '{"certificates": [');
    await expect(issueCertificate(authority, { vehicleId: 'x' })).rejects.toMatchObject({ code: 'authority_damaged' });
  });

  it('takes over the lock of a process that is gone', async () => {
    await writeFile(authority.files.lock, '999999999');
    await expect(issueCertificate(authority, { vehicleId: 'x' })).resolves.toMatchObject({ vehicleId: 'x' });
  });
});

describe('revoke', () => {
  it('keeps what was revoked before and marks the records', async () => {
    const serials = [];
    for (const vehicleId of ['a', 'b']) {
      serials.push((await issueCertificate(authority, { vehicleId })).serial);
      await revoke(authority, { vehicleId });
    }
    expect(await revoke(authority, { serial: '00:aB' })).toEqual({ serials: ['AB'], added: ['AB'], unknown: ['AB'] });
    expect(await revoke(authority, { serial: 'AB' })).toEqual({ serials: ['AB'], added: [], unknown: ['AB'] });
    expect(await revoke(authority, { serial: serials[0] ?? '' })).toMatchObject({ unknown: [] });
    const list = await readRevocationList(authority.files.crl, authority.certificate);
    expect(new Set(list.serials.keys())).toEqual(new Set([...serials, 'AB']));
    expect((await readIssued(authority.files.issued)).every((c) => c.revokedAt !== undefined)).toBe(true);
  });

  it('writes a list that another reader of RFC 5280 reads the same way', async () => {
    await revoke(authority, { serial: '00F1E2' });
    await revoke(authority, { serial: '7f' });
    const pem = await readFile(authority.files.crl, 'utf8');
    expect(pem).toMatch(/^-----BEGIN X509 CRL-----\n/);
    const der = Buffer.from(pem.replaceAll(/-----.*-----/g, ''), 'base64');
    const list = new X509Crl(new Uint8Array(der));
    expect(list.entries.map((entry) => entry.serialNumber)).toEqual(['f1e2', '7f']);
    expect(der.includes(Buffer.from('020300f1e2', 'hex'))).toBe(true); // positive, though its first bit is set
    expect(await list.verify({ publicKey: new PeculiarCertificate(new Uint8Array(authority.certificate.raw)) })).toBe(true);
  });

  it('says so when the vehicle never had a certificate', async () => {
    await expect(revoke(authority, { vehicleId: 'nobody' })).rejects.toMatchObject({ code: 'unknown_vehicle' });
  });
});

describe('ensureServerCertificate', () => {
  it('speaks for localhost and the hosts it is asked for, and is issued anew only when a host is missing', async () => {
    const first = await ensureServerCertificate(authority);
    const before = new X509Certificate(await readFile(first.certificateFile));
    expect([before.checkHost('localhost'), before.checkIP('127.0.0.1'), before.checkIP('::1')]).not.toContain(undefined);
    await ensureServerCertificate(authority);
    expect(new X509Certificate(await readFile(first.certificateFile)).serialNumber).toBe(before.serialNumber);
    await ensureServerCertificate(authority, ['mqtt.example.org', '192.0.2.1']);
    const after = new X509Certificate(await readFile(first.certificateFile));
    expect([after.checkHost('mqtt.example.org'), after.checkIP('192.0.2.1')]).not.toContain(undefined);
  });
});

describe('ensureVehicleFiles', () => {
  it('issues what is missing or revoked and keeps the rest', async () => {
    const out = join(folder, 'vehicles');
    const requests = [{ vehicleId: 'a' }, { vehicleId: 'b' }];
    const [a, b] = await ensureVehicleFiles(out, authority, requests);
    if (!a || !b) throw new Error('expected files for both');
    const before = await Promise.all([a, b].map((f) => readFile(f.certificateFile, 'utf8')));
    await revoke(authority, { vehicleId: 'a' });
    await ensureVehicleFiles(out, authority, requests);
    const after = await Promise.all([a, b].map((f) => readFile(f.certificateFile, 'utf8')));
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
  });
});
