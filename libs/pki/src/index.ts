export { type Authority, type AuthorityFiles, authorityFiles, openAuthority } from './authority/authority.js';
export { type CreateAuthorityOptions, createAuthority, ensureAuthority } from './issuing/create-authority.js';
export { type CertificateRequest, type IssuedCertificate, issueCertificate, issueCertificates } from './issuing/issue-certificate.js';
export { ensureServerCertificate, issueServerCertificate, type ServerCertificate, serverHosts } from './issuing/server-certificate.js';
export {
  type CertificateStanding,
  type EarlierFiles,
  earlierVehicleFiles,
  ensureVehicleFiles,
  type VehicleFiles,
  vehicleFiles,
  writeVehicleFiles,
} from './issuing/vehicle-files.js';
export { PkiError, type PkiErrorCode } from './pki-error.js';
export { type RevocationTarget, revoke } from './revoking/revoke.js';
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
} from './trusting/identify.js';
export { loadTrust, type Trust, type TrustOptions, type TrustProblem, trustLimits } from './trusting/trust.js';
export type { TrustedAuthority, TrustedAuthorityEntry } from './trusting/trusted-authority.js';
