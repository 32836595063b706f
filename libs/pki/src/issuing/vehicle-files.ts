import { createPrivateKey, X509Certificate } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder, writeFileAtomically } from '@milepost/files';
import type { Authority } from '../authority/authority.js';
import { readIssued } from '../authority/issued-registry.js';
import { serialNumber } from '../encoding/serial-number.js';
import { PkiError } from '../pki-error.js';
import { type CertificateRequest, type IssuedCertificate, issueCertificates } from './issue-certificate.js';

const dayMs = 86_400_000;

export interface VehicleFiles {
  certificateFile: string;
  keyFile: string;
  caFile: string;
}

/** DIR/VEHICLE.crt, DIR/VEHICLE.key and DIR/ca.crt. */
export function vehicleFiles(folder: string, vehicleId: string): VehicleFiles {
  if (vehicleId === 'ca') throw new PkiError('bad_vehicle_id', 'A vehicle called "ca" would overwrite ca.crt. Choose another id.');
  const at = (name: string) => join(resolve(folder), name);
  return { certificateFile: at(`${vehicleId}.crt`), keyFile: at(`${vehicleId}.key`), caFile: at('ca.crt') };
}

/** Of an earlier certificate of a vehicle. */
export interface EarlierFiles {
  /** Those of its certificate and its key that are there; the key of one that was issued is nowhere else. */
  files: string[];
  /** What the certificate says of itself; undefined where there is none that can be read. */
  certificate?: { serial: string; notAfter: Date; standing: CertificateStanding };
}

/** What an authority has to do with a certificate: it lets its key in, has revoked it, or never issued it. */
export type CertificateStanding = 'issued' | 'revoked' | 'foreign';

/** What `writeVehicleFiles` would replace in this folder; undefined when there is nothing. */
export async function earlierVehicleFiles(authority: Authority, folder: string, vehicleId: string): Promise<EarlierFiles | undefined> {
  const { certificateFile, keyFile } = vehicleFiles(folder, vehicleId);
  const files: string[] = [];
  for (const file of [certificateFile, keyFile]) if (await exists(file)) files.push(file);
  if (files.length === 0) return undefined;
  const certificate = await certificateIn(certificateFile);
  if (certificate === undefined) return { files };
  const serial = serialNumber(certificate.serialNumber);
  const standing = !isOf(authority, certificate) ? 'foreign' : (await revokedSerials(authority)).has(serial) ? 'revoked' : 'issued';
  return { files, certificate: { serial, notAfter: new Date(certificate.validTo), standing } };
}

/** Writes what a vehicle needs to connect; its key is for the owner of the file alone (mode 0600). */
export async function writeVehicleFiles(folder: string, authority: Authority, issued: IssuedCertificate): Promise<VehicleFiles> {
  const files = vehicleFiles(folder, issued.vehicleId);
  await makeFolder(folder);
  await writeFileAtomically(files.keyFile, issued.privateKeyPem, 0o600);
  await writeFileAtomically(files.certificateFile, issued.certificatePem);
  if (resolve(folder) !== authority.folder) await writeFileAtomically(files.caFile, authority.certificatePem);
  return files;
}

/** Files for each vehicle: those of the folder where they are usable for another day, else new ones. */
export async function ensureVehicleFiles(
  folder: string,
  authority: Authority,
  requests: readonly Pick<CertificateRequest, 'vehicleId' | 'organisation'>[],
): Promise<VehicleFiles[]> {
  const revoked = await revokedSerials(authority);
  const missing = [];
  for (const request of requests) if (!(await usable(folder, authority, request, revoked))) missing.push(request);
  for (const issued of await issueCertificates(authority, missing)) await writeVehicleFiles(folder, authority, issued);
  return requests.map(({ vehicleId }) => vehicleFiles(folder, vehicleId));
}

async function usable(
  folder: string,
  authority: Authority,
  { vehicleId, organisation = 'default' }: Pick<CertificateRequest, 'vehicleId' | 'organisation'>,
  revoked: ReadonlySet<string>,
): Promise<boolean> {
  const { certificateFile, keyFile } = vehicleFiles(folder, vehicleId);
  try {
    const certificate = new X509Certificate(await readFile(certificateFile));
    return (
      certificate.subject === `CN=${vehicleId}\nO=${organisation}` &&
      certificate.checkPrivateKey(createPrivateKey(await readFile(keyFile))) &&
      isOf(authority, certificate) &&
      !revoked.has(serialNumber(certificate.serialNumber)) &&
      Date.parse(certificate.validFrom) <= Date.now() &&
      Date.parse(certificate.validTo) - Date.now() > dayMs
    );
  } catch {
    return false;
  }
}

/** Authorities made anew have the same name: the signature tells. */
const isOf = (authority: Authority, certificate: X509Certificate): boolean =>
  certificate.checkIssued(authority.certificate) && certificate.verify(authority.certificate.publicKey);

async function revokedSerials(authority: Authority): Promise<ReadonlySet<string>> {
  return new Set((await readIssued(authority.files.issued)).filter((c) => c.revokedAt !== undefined).map((c) => c.serial));
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function certificateIn(file: string): Promise<X509Certificate | undefined> {
  try {
    return new X509Certificate(await readFile(file));
  } catch {
    return undefined;
  }
}
