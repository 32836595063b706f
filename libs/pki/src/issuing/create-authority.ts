import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeFolder, withLock, writeFileAtomically } from '@milepost/files';
import { type Authority, type AuthorityFiles, authorityFiles, openAuthority } from '../authority/authority.js';
import { createKeyPair, signingAlgorithm } from '../authority/key-pair.js';
import * as x509 from '../encoding/x509.js';
import { PkiError } from '../pki-error.js';
import { publishRevocations } from '../revoking/publish-revocations.js';

const dayMs = 86_400_000;
const backdateMs = 5 * 60_000;

export interface CreateAuthorityOptions {
  /** The CA's name in trusted-cas.json. */
  name?: string;
  commonName?: string;
  /** Organisations that it may speak for; all by default. */
  organisations?: string[];
  validDays?: number;
}

/**
 * Makes ca.crt, ca.key (mode 0600), an empty ca.crl and a trusted-cas.json that trusts it.
 * @throws PkiError `authority_exists`: a CA is never overwritten, its vehicles would be locked out.
 */
export function createAuthority(folder: string, options: CreateAuthorityOptions = {}): Promise<Authority> {
  return locked(folder, async (files) => {
    if (await isThere(files)) {
      throw new PkiError(
        'authority_exists',
        `${resolve(folder)} holds a certificate authority already. Use it, or take another folder (--pki).`,
      );
    }
    return create(folder, files, options);
  });
}

/** The authority of the folder, made first if there is none; its revocation list is renewed in time. */
export function ensureAuthority(folder: string, options: CreateAuthorityOptions = {}): Promise<Authority> {
  return locked(folder, async (files) => {
    if (!(await isThere(files))) return create(folder, files, options);
    const authority = await openAuthority(folder);
    await publishRevocations(authority, []);
    return authority;
  });
}

async function create(folder: string, files: AuthorityFiles, options: CreateAuthorityOptions): Promise<Authority> {
  const { name = 'development', commonName = 'milepost development CA', organisations = ['*'], validDays = 3_650 } = options;
  const keys = await createKeyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }, { O: ['milepost'] }],
    keys,
    signingAlgorithm,
    notBefore: new Date(Date.now() - backdateMs),
    notAfter: new Date(Date.now() + validDays * dayMs),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // In this order: whoever is killed on the way leaves what `isThere` knows for unfinished, or what `ensureAuthority` completes.
  const trust = [{ name, certificateFile: 'ca.crt', organisations, crlFile: 'ca.crl' }];
  await writeFileAtomically(files.trust, `${JSON.stringify(trust, null, 2)}\n`);
  await writeFileAtomically(files.key, keys.privateKeyPem, 0o600);
  await writeFileAtomically(files.certificate, `${certificate.toString('pem')}\n`);
  const authority = await openAuthority(folder);
  await publishRevocations(authority, []);
  return authority;
}

async function locked<T>(folder: string, work: (files: AuthorityFiles) => Promise<T>): Promise<T> {
  await makeFolder(folder, 0o700);
  const files = authorityFiles(folder);
  return withLock(files.lock, () => work(files));
}

/** An authority, or what somebody has put there: a key that stands beside no list of ours is not ours to write over. */
const isThere = async ({ certificate, crl, key, trust }: AuthorityFiles): Promise<boolean> =>
  (await exists(certificate, crl)) || ((await exists(key)) && !(await exists(trust)));

const exists = async (...paths: string[]): Promise<boolean> =>
  (await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))).some((found) => found !== undefined);
