import type { X509Certificate } from 'node:crypto';
import { type SubjectNames, subjectNames } from './subject-names.js';
import type { TrustedAuthority } from './trusted-authority.js';

/** What the bytes of a certificate say once and for all: they are looked at once, however often its vehicle comes. */
export interface VouchedCertificate {
  readonly authority: TrustedAuthority;
  readonly names: SubjectNames;
}

/** Certificates of one CA that are remembered; the one that was seen first is forgotten first. */
const MAX_REMEMBERED = 50_000;

/**
 * By CA, as it was read last: what a reload of the trust replaces takes its certificates with it. Validity and revocation are never
 * remembered.
 */
const known = new WeakMap<TrustedAuthority, Map<string, VouchedCertificate>>();

/** The first of the CAs that has signed the certificate, with the names in it. */
export function vouchedBy(certificate: X509Certificate, authorities: readonly TrustedAuthority[]): VouchedCertificate | undefined {
  // Of all bytes, the signature included.
  const fingerprint = certificate.fingerprint256;
  for (const authority of authorities) {
    const remembered = known.get(authority)?.get(fingerprint);
    if (remembered !== undefined) return remembered;
  }
  const authority = authorities.find((a) => certificate.checkIssued(a.certificate) && certificate.verify(a.publicKey));
  if (authority === undefined) return undefined;
  const vouched = { authority, names: subjectNames(certificate) };
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
