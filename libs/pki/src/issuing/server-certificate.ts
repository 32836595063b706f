import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP, isIPv6 } from 'node:net';
import { withLock, writeFileAtomically } from '@milepost/files';
import type { Authority } from '../authority/authority.js';
import { createKeyPair } from '../authority/key-pair.js';
import { ExtendedKeyUsage } from '../encoding/x509.js';
import { certificateDefaults, signedCertificate } from './issue-certificate.js';

const dayMs = 86_400_000;
const localNames = ['localhost', '127.0.0.1', '::1'];

export interface ServerCertificate {
  certificateFile: string;
  keyFile: string;
  notAfter: Date;
}

/** Writes server.crt and server.key (mode 0600) into the authority's folder, for localhost and the given host names and addresses. */
export async function issueServerCertificate(authority: Authority, extraHosts: readonly string[] = []): Promise<ServerCertificate> {
  const hosts = [...new Set([...localNames, ...extraHosts])];
  const keys = await createKeyPair();
  const notAfter = new Date(Date.now() + certificateDefaults.validDays * dayMs);
  const { pem } = await signedCertificate(authority, {
    subject: [{ CN: [hosts.find((host) => isIP(host) === 0) ?? 'localhost'] }],
    publicKey: keys.publicKey,
    usage: ExtendedKeyUsage.serverAuth,
    names: hosts.map((host) => (isIP(host) === 0 ? { type: 'dns', value: host } : { type: 'ip', value: host })),
    notBefore: new Date(Date.now() - certificateDefaults.backdateMs),
    notAfter,
  });
  const { serverCertificate: certificateFile, serverKey: keyFile, lock } = authority.files;
  await withLock(lock, async () => {
    await writeFileAtomically(keyFile, keys.privateKeyPem, 0o600);
    await writeFileAtomically(certificateFile, pem);
  });
  return { certificateFile, keyFile, notAfter };
}

/** The server certificate of the folder, issued anew when it is absent, damaged, another CA's, for other hosts, or within 30 days of its end. */
export async function ensureServerCertificate(authority: Authority, extraHosts: readonly string[] = []): Promise<ServerCertificate> {
  const { serverCertificate: certificateFile, serverKey: keyFile } = authority.files;
  try {
    const certificate = new X509Certificate(await readFile(certificateFile));
    const key = createPrivateKey(await readFile(keyFile));
    const notAfter = new Date(certificate.validTo);
    const covers = (host: string) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
    const usable =
      certificate.checkPrivateKey(key) &&
      certificate.checkIssued(authority.certificate) &&
      certificate.verify(authority.certificate.publicKey) &&
      [...localNames, ...extraHosts].every(covers) &&
      notAfter.getTime() - Date.now() > 30 * dayMs;
    if (usable) return { certificateFile, keyFile, notAfter };
  } catch {
    // Absent or damaged: issued anew.
  }
  return issueServerCertificate(authority, extraHosts);
}

/** The host names and addresses that the folder's server certificate holds; none where there is none that can be read. */
export async function serverHosts(authority: Authority): Promise<string[]> {
  const pem = await readFile(authority.files.serverCertificate).catch(() => '');
  try {
    const names = new X509Certificate(pem).subjectAltName?.split(', ') ?? [];
    return names.map((name) => inShort(name.replace(/^(DNS|IP Address):/, '')));
  } catch {
    return [];
  }
}

/** Node writes 0:0:0:0:0:0:0:1 for ::1. */
const inShort = (host: string): string => (isIPv6(host) ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host);
