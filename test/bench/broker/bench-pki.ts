import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueCertificates, issueServerCertificate } from '@milepost/pki';
import type { TlsFiles } from './servers/tls-files.js';

export interface ClientCredentials {
  id: string;
  certificatePem: string;
  privateKeyPem: string;
}

export interface BenchPki {
  folder: string;
  files: TlsFiles;
  caPem: string;
  /** JSON of a list of ClientCredentials: too much for a message to the load process. */
  clientsFile: string;
  remove(): void;
}

/** Every side has the same certificates, on curve P-256 all of them. */
export async function createBenchPki(clients: number): Promise<BenchPki> {
  const folder = mkdtempSync(join(tmpdir(), 'milepost-bench-'));
  const authority = await createAuthority(folder);
  const server = await issueServerCertificate(authority);
  const requests = Array.from({ length: clients }, (_, index) => ({ vehicleId: `bench-${index}` }));
  const issued = await issueCertificates(authority, requests);
  const credentials: ClientCredentials[] = issued.map(({ vehicleId, certificatePem, privateKeyPem }) => ({
    id: vehicleId,
    certificatePem,
    privateKeyPem,
  }));
  const clientsFile = join(folder, 'clients.json');
  writeFileSync(clientsFile, JSON.stringify(credentials), { mode: 0o600 });
  return {
    folder,
    files: {
      certificate: server.certificateFile,
      key: server.keyFile,
      ca: authority.files.certificate,
      trust: authority.files.trust,
    },
    caPem: authority.certificatePem,
    clientsFile,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
