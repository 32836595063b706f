import type { X509Certificate } from 'node:crypto';
import { type CertificateFacts, certificateFacts, type VehicleIdFound, vehicleIdIn } from './certificate-facts.js';
import type { TrustedAuthority } from './trusted-authority.js';

/** What the bytes of a certificate say once and for all: they are looked at once, however often its vehicle comes. */
export interface VouchedCertificate {
  readonly authority: TrustedAuthority;
  readonly facts: CertificateFacts;
  readonly vehicleId: VehicleIdFound;
}

/** Certificates of one CA that are remembered; the one that was seen first is forgotten first. */
const MAX_REMEMBERED = 50_000;

/**
 * By CA, as it was read last: what a reload of the trust replaces takes its certificates with it. Validity and revocation are never
 * remembered.
 */
const known = new WeakMap<TrustedAuthority, Map<string, VouchedCertificate>>();

/** What was found of the certificate with that fingerprint (SHA-256, of all bytes, the signature included). */
export function remembered(fingerprint: string, authorities: readonly TrustedAuthority[]): VouchedCertificate | undefined {
  for (const authority of authorities) {
    const vouched = known.get(authority)?.get(fingerprint);
    if (vouched !== undefined) return vouched;
  }
  return undefined;
}

/** The first of the CAs that has signed the certificate, with what is in it. */
export function vouchedBy(certificate: X509Certificate, authorities: readonly TrustedAuthority[]): VouchedCertificate | undefined {
  const fingerprint = certificate.fingerprint256;
  const before = remembered(fingerprint, authorities);
  if (before !== undefined) return before;
  const authority = authorities.find((a) => certificate.checkIssued(a.certificate) && certificate.verify(a.publicKey));
  if (authority === undefined) return undefined;
  const facts = certificateFacts(certificate);
  const vouched = { authority, facts, vehicleId: vehicleIdIn(certificate, facts.names, authority) };
  remember(authority, fingerprint, vouched);
  return vouched;
}

function remember(authority: TrustedAuthority, fingerprint: string, vouched: VouchedCertificate): void {
  let ofAuthority = known.get(authority);
  if (ofAuthority === undefined) {
    ofAuthority = new Map();
    known.set(authority, ofAuthority);
  }
  ofAuthority.set(fingerprint, vouched);
  if (ofAuthority.size <= MAX_REMEMBERED) return;
  for (const oldest of ofAuthority.keys()) {
    ofAuthority.delete(oldest);
    return;
  }
}
