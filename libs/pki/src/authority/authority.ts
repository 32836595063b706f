import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PkiError } from '../pki-error.js';
import { importSigningKey } from './key-pair.js';

/** A certificate authority that lives in a folder: for development and for small installations without a PKI of their own. */
export interface Authority {
  folder: string;
  certificate: X509Certificate;
  certificatePem: string;
  privateKey: KeyObject;
  /** `privateKey` for Web Crypto. */
  signingKey: CryptoKey;
  files: AuthorityFiles;
}

type CryptoKey = Awaited<ReturnType<typeof importSigningKey>>;

export interface AuthorityFiles {
  certificate: string;
  key: string;
  crl: string;
  issued: string;
  trust: string;
  lock: string;
  serverCertificate: string;
  serverKey: string;
}

export function authorityFiles(folder: string): AuthorityFiles {
  const at = (name: string) => join(resolve(folder), name);
  return {
    certificate: at('ca.crt'),
    key: at('ca.key'),
    crl: at('ca.crl'),
    issued: at('issued.json'),
    trust: at('trusted-cas.json'),
    lock: at('.lock'),
    serverCertificate: at('server.crt'),
    serverKey: at('server.key'),
  };
}

/** @throws PkiError `authority_missing` or `authority_damaged`. */
export async function openAuthority(folder: string): Promise<Authority> {
  const files = authorityFiles(folder);
  const [certificatePem, keyPem] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')]).catch(
    (cause: unknown) => {
      // One that this user may not read is not one that is to be made.
      if ((cause as NodeJS.ErrnoException).code === 'EACCES') throw cause;
      throw new PkiError(
        'authority_missing',
        `There is no certificate authority in ${resolve(folder)} (ca.crt and ca.key). Make one with \`npx milepost pki init\`, or name its folder with --pki.`,
        { cause },
      );
    },
  );
  try {
    const certificate = new X509Certificate(certificatePem);
    if (!certificate.ca) throw new Error('ca.crt is not a CA certificate');
    const privateKey = createPrivateKey(keyPem);
    const signingKey = await importSigningKey(privateKey);
    if (!certificate.checkPrivateKey(privateKey)) throw new Error('ca.key does not belong to ca.crt');
    return { folder: resolve(folder), certificate, certificatePem, privateKey, signingKey, files };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PkiError(
      'authority_damaged',
      `The certificate authority in ${resolve(folder)} is damaged: ${why}. Restore it from a backup.`,
      { cause },
    );
  }
}
