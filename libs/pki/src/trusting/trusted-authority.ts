import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isReadFailure } from '@milepost/files';
import Type, { type Static } from 'typebox';
import { onOneLine } from '../encoding/subject-names.js';
import { PkiError } from '../pki-error.js';
import { type RevocationList, readRevocationList } from '../revoking/revocation-list.js';

/** One entry of trusted-cas.json. File names are relative to it. */
export const TrustedAuthorityEntry = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    certificateFile: Type.String({ minLength: 1 }),
    organisations: Type.Array(Type.String({ minLength: 1 }), { description: 'Organisations that it may speak for; "*" is all' }),
    crlFile: Type.Optional(Type.String({ minLength: 1 })),
    vehicleIdUriPrefix: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The vehicle id is what follows this in a URI of the subject alternative name, not the CN',
      }),
    ),
  },
  { additionalProperties: false },
);
export type TrustedAuthorityEntry = Static<typeof TrustedAuthorityEntry>;

/** A CA whose certificates are accepted, with its revocation list, as last read. */
export interface TrustedAuthority {
  name: string;
  certificate: X509Certificate;
  publicKey: KeyObject;
  /** SHA-256 of `publicKey`: a renewed certificate keeps it, another CA of the same name has another. */
  keyId: string;
  pem: string;
  /** Distinguished name on one line: the `issuer` of the certificates it made. */
  subject: string;
  notAfter: Date;
  organisations: ReadonlySet<string>;
  uriPrefix?: string;
  revoked?: RevocationList;
  /** Why `revoked` is an older list than its file should hold. */
  stale?: string;
  /** The file system did not give the list: to be tried again, though the file may not change. */
  unread?: true;
  /** Refuse when the list is expired or could not be read, instead of going on with the last good one. */
  strict: boolean;
}

export const mayBeFor = (authority: TrustedAuthority, organisation: string): boolean =>
  authority.organisations.has('*') || authority.organisations.has(organisation);

/**
 * Reads a CA's certificate and its revocation list; an unusable list is replaced by the one of `previous`.
 * @throws PkiError when the certificate cannot be used, or the list cannot and there is no earlier one.
 */
export async function readTrustedAuthority(
  entry: TrustedAuthorityEntry,
  folder: string,
  strict: boolean,
  previous: TrustedAuthority | undefined,
): Promise<TrustedAuthority> {
  const certificateFile = resolve(folder, entry.certificateFile);
  const pem = await readFile(certificateFile, 'utf8').catch((cause: unknown) => {
    throw new PkiError('trust_unreadable', `The certificate of the trusted CA "${entry.name}" cannot be read: ${reasonOf(cause)}`, {
      cause,
    });
  });
  const certificate = parsed(pem, certificateFile, entry.name);
  const authority: TrustedAuthority = {
    name: entry.name,
    certificate,
    publicKey: certificate.publicKey,
    keyId: createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64'),
    pem,
    subject: onOneLine(certificate.subject),
    notAfter: new Date(certificate.validTo),
    organisations: new Set(entry.organisations),
    strict,
    ...(entry.vehicleIdUriPrefix !== undefined && { uriPrefix: entry.vehicleIdUriPrefix }),
  };
  if (entry.crlFile === undefined) return authority;
  const last = previous?.certificate.fingerprint256 === certificate.fingerprint256 ? previous.revoked : undefined;
  return { ...authority, ...(await readList(resolve(folder, entry.crlFile), authority, last)) };
}

async function readList(
  file: string,
  authority: TrustedAuthority,
  last: RevocationList | undefined,
): Promise<Pick<TrustedAuthority, 'stale' | 'unread'> & { revoked: RevocationList }> {
  try {
    const revoked = await readRevocationList(file, authority.certificate);
    if (last && revoked.thisUpdate < last.thisUpdate) {
      return {
        revoked: last,
        stale: `${file} is older (${revoked.thisUpdate.toISOString()}) than the list in use (${last.thisUpdate.toISOString()}).`,
      };
    }
    return { revoked };
  } catch (error) {
    if (last === undefined) throw error;
    return { revoked: last, stale: reasonOf(error), ...(isReadFailure(error) && { unread: true }) };
  }
}

function parsed(pem: string, file: string, name: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    throw new PkiError('trust_unreadable', `${file} (trusted CA "${name}") holds no certificate in PEM form.`, { cause });
  }
  if (!certificate.ca)
    throw new PkiError('trust_unreadable', `${file} (trusted CA "${name}") is not a CA certificate (basicConstraints CA:TRUE).`);
  return certificate;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
