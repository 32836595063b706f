export { type Authority, type AuthorityFiles, authorityFiles, openAuthority } from './authority.js';
export { type CreateAuthorityOptions, createAuthority, ensureAuthority } from './create-authority.js';
export {
  type CertificateRefusalReason,
  type CertifiedPeer,
  defaultOrganisation,
  type IdentifyResult,
  type Identity,
  identify,
  identifyPeer,
  isRevoked,
  type Refusal,
  recheck,
} from './identify.js';
export { type CertificateRequest, type IssuedCertificate, issueCertificate, issueCertificates } from './issue-certificate.js';
export { PkiError, type PkiErrorCode } from './pki-error.js';
export { type RevocationTarget, revoke } from './revoke.js';
export { ensureServerCertificate, issueServerCertificate, type ServerCertificate, serverHosts } from './server-certificate.js';
export { loadTrust, type Trust, type TrustOptions, type TrustProblem, trustLimits } from './trust.js';
export type { TrustedAuthority, TrustedAuthorityEntry } from './trusted-authority.js';
export {
  type CertificateStanding,
  type EarlierFiles,
  earlierVehicleFiles,
  ensureVehicleFiles,
  type VehicleFiles,
  vehicleFiles,
  writeVehicleFiles,
} from './vehicle-files.js';
