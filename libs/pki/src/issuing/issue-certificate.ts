import { randomBytes } from 'node:crypto';
import { isVehicleId, type VehicleId } from '@milepost/contracts';
import { withLock } from '@milepost/files';
import type { Authority } from '../authority/authority.js';
import { readIssued, writeIssued } from '../authority/issued-registry.js';
import { createKeyPair, signingAlgorithm } from '../authority/key-pair.js';
import { serialNumber } from '../encoding/serial-number.js';
import * as x509 from '../encoding/x509.js';
import { PkiError } from '../pki-error.js';
import { defaultOrganisation } from '../trusting/identify.js';

const dayMs = 86_400_000;

/** Valid for a year from five minutes ago (clocks differ), unless it is said otherwise. */
export const certificateDefaults = { validDays: 365, backdateMs: 5 * 60_000 };

export interface CertificateRequest {
  /** Subject CN. */
  vehicleId: string;
  /** Subject O; `default` unless given. */
  organisation?: string;
  /** May lie in the future: for tests, and for vehicles that are handed over later. */
  notBefore?: Date;
  /** May lie in the past: for tests. */
  notAfter?: Date;
  /** For CAs whose vehicle ids stand in a URI of the subject alternative name. */
  uri?: string;
}

export interface IssuedCertificate {
  vehicleId: VehicleId;
  organisation: string;
  certificatePem: string;
  /** PKCS #8. It is kept nowhere else. */
  privateKeyPem: string;
  serial: string;
  notBefore: Date;
  notAfter: Date;
}

export async function issueCertificate(authority: Authority, request: CertificateRequest): Promise<IssuedCertificate> {
  const [issued] = await issueCertificates(authority, [request]);
  if (issued === undefined) throw new Error('unreachable: one request, one certificate');
  return issued;
}

/**
 * Client certificates for vehicles, all recorded in issued.json before they are returned: what is not on record cannot be revoked by its name.
 * @throws PkiError `bad_vehicle_id`, `bad_validity`, `locked`
 */
export async function issueCertificates(authority: Authority, requests: readonly CertificateRequest[]): Promise<IssuedCertificate[]> {
  const issued = await Promise.all(requests.map((request) => sign(authority, request)));
  const issuedAt = new Date().toISOString();
  await withLock(authority.files.lock, async () => {
    const records = issued.map(({ serial, vehicleId, organisation, notBefore, notAfter }) => ({
      serial,
      vehicleId,
      organisation,
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      issuedAt,
    }));
    await writeIssued(authority.files.issued, [...(await readIssued(authority.files.issued)), ...records]);
  });
  return issued;
}

async function sign(
  authority: Authority,
  { vehicleId, organisation = defaultOrganisation, uri, ...times }: CertificateRequest,
): Promise<IssuedCertificate> {
  if (!isVehicleId(vehicleId)) {
    throw new PkiError(
      'bad_vehicle_id',
      `"${vehicleId}" cannot be a vehicle id: 1 to 64 letters, digits, dots, underscores or hyphens, a letter or digit first.`,
    );
  }
  const { notBefore, notAfter } = validity(times);
  const keys = await createKeyPair();
  const certificatePem = await signedCertificate(authority, {
    subject: [{ CN: [vehicleId] }, { O: [organisation] }],
    publicKey: keys.publicKey,
    usage: x509.ExtendedKeyUsage.clientAuth,
    names: uri === undefined ? [] : [{ type: 'url', value: uri }],
    notBefore,
    notAfter,
  });
  return {
    vehicleId,
    organisation,
    certificatePem: certificatePem.pem,
    privateKeyPem: keys.privateKeyPem,
    serial: certificatePem.serial,
    notBefore,
    notAfter,
  };
}

function validity({ notBefore, notAfter }: Pick<CertificateRequest, 'notBefore' | 'notAfter'>): { notBefore: Date; notAfter: Date } {
  const earliest = Date.now() - certificateDefaults.backdateMs;
  // An end in the past without a start: a certificate that has been valid for a day and is no more.
  const start = notBefore ?? new Date(Math.min(earliest, (notAfter?.getTime() ?? Number.POSITIVE_INFINITY) - dayMs));
  const end = notAfter ?? new Date(Math.max(start.getTime(), earliest) + certificateDefaults.validDays * dayMs);
  if (Number.isNaN(start.getTime()) || Number.isNaN(end.getTime())) throw new PkiError('bad_validity', 'The validity is not a time.');
  if (end <= start) {
    throw new PkiError('bad_validity', `The end (${end.toISOString()}) must be after the start (${start.toISOString()}).`);
  }
  return { notBefore: start, notAfter: end };
}

interface SigningRequest {
  subject: x509.JsonName;
  publicKey: x509.PublicKeyType;
  usage: x509.ExtendedKeyUsage;
  names: x509.JsonGeneralNames;
  notBefore: Date;
  notAfter: Date;
}

/** An end-entity certificate of the authority, with a random serial number of 126 bits (CA/Browser Forum BR §7.1 asks for 64). */
export async function signedCertificate(authority: Authority, request: SigningRequest): Promise<{ pem: string; serial: string }> {
  const { subject, publicKey, usage, names, notBefore, notAfter } = request;
  const issuer = new x509.X509Certificate(new Uint8Array(authority.certificate.raw));
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0); // positive, and of full length
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString('hex'),
    subject,
    issuer: issuer.subjectName,
    publicKey,
    signingKey: authority.signingKey,
    signingAlgorithm,
    notBefore,
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { pem: `${certificate.toString('pem')}\n`, serial: serialNumber(serial.toString('hex')) };
}
