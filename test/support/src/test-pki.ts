import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Authority,
  type CertificateRequest,
  type CreateAuthorityOptions,
  createAuthority,
  type IssuedCertificate,
  issueCertificate,
  issueServerCertificate,
  revoke,
} from '@milepost/pki';
import { testServices } from './test-services.js';

export interface TestPki {
  dir: string;
  authority: Authority;
  caPem: string;
  /** For the broker's MQTT_ variables. */
  environment: Record<string, string>;
  issue(vehicleId: string, options?: Omit<CertificateRequest, 'vehicleId'>): Promise<IssuedCertificate>;
  revoke(serial: string): Promise<string[]>;
  remove(): void;
}

/** A certificate authority of one's own, with a server certificate for localhost. */
export async function createTestPki(options: CreateAuthorityOptions = {}): Promise<TestPki> {
  const dir = mkdtempSync(join(testServices().runDir, 'pki-'));
  const authority = await createAuthority(dir, options);
  const server = await issueServerCertificate(authority);
  return {
    dir,
    authority,
    caPem: authority.certificatePem,
    environment: {
      MQTT_TLS_CERT_FILE: server.certificateFile,
      MQTT_TLS_KEY_FILE: server.keyFile,
      MQTT_TRUSTED_CAS_FILE: authority.files.trust,
    },
    issue: (vehicleId, request = {}) => issueCertificate(authority, { vehicleId, ...request }),
    revoke: async (serial) => (await revoke(authority, { serial })).serials,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
