import type { X509Certificate } from 'node:crypto';
import { isStorableOrganisation, type RefusalReason, type VehicleId } from '@milepost/contracts';
import { serialNumber } from '../encoding/serial-number.js';
import { onOneLine } from '../encoding/subject-names.js';
import { type CertificateFacts, certificateFacts } from './certificate-facts.js';
import { remembered, type VouchedCertificate, vouchedBy } from './known-certificates.js';
import type { Trust } from './trust.js';
import { mayBeFor, type TrustedAuthority } from './trusted-authority.js';

/** The refusals of DESIGN "Shapes" that a certificate alone decides. */
export type CertificateRefusalReason = Extract<
  RefusalReason,
  'no_certificate' | 'unknown_ca' | 'expired' | 'not_yet_valid' | 'revoked' | 'bad_vehicle_id' | 'organisation_not_allowed'
>;

/** Who a connection is, as a trusted CA says. */
export interface Identity {
  vehicleId: VehicleId;
  organisation: string;
  /** The issuing CA's entry in trusted-cas.json. */
  authority: string;
  /** `keyId` of that CA. */
  authorityKeyId: string;
  /** Distinguished name of the issuer, on one line. */
  issuer: string;
  /** Upper case hexadecimal, no leading zeros. */
  serial: string;
  notAfter: Date;
}

/** Why a certificate names nobody. The fields that a trusted CA has not vouched for are what the certificate claims. */
export interface Refusal {
  reason: CertificateRefusalReason;
  /** What exactly was found, as a sentence. */
  detail: string;
  commonName?: string;
  /** Present only where a trusted CA issued the certificate and may speak for it. */
  organisation?: string;
  claimedOrganisation?: string;
  issuer?: string;
  serial?: string;
  notAfter?: Date;
}

export type IdentifyResult = ({ ok: true } & Identity) | ({ ok: false } & Refusal);

export const defaultOrganisation = 'default';

/** The part of a TLS socket that shows its peer's certificate. */
export interface CertifiedPeer {
  getPeerCertificate(): { readonly fingerprint256?: string } | null;
  getPeerX509Certificate(): X509Certificate | undefined;
}

/**
 * As `identify`, for the peer of a connection. One whose certificate was seen is known by its fingerprint: to make node:crypto's object of
 * a certificate, and to ask that for what is in it, costs three times as much as all else here.
 */
export function identifyPeer(peer: CertifiedPeer, trust: Trust, now: Date = new Date()): IdentifyResult {
  const fingerprint = peer.getPeerCertificate()?.fingerprint256;
  const known = fingerprint === undefined ? undefined : remembered(fingerprint, inForce(trust, now));
  return known === undefined ? identify(peer.getPeerX509Certificate(), trust, now) : judge(known, trust, now);
}

/** Of a CA that was renewed both certificates may be listed: the one that is over vouches only where no other does. */
function inForce(trust: Trust, now: Date): TrustedAuthority[] {
  return trust.authorities().filter(({ notAfter }) => now < notAfter);
}

/**
 * Who the holder of a certificate is; `node:tls` has proved that the peer holds its key (`requestCert`), nothing else is taken from it.
 * The CA that issued the certificate must itself be listed: an intermediate is listed in place of its root.
 * Synchronous and cheap (one signature check, and none for a certificate that was seen before), as it runs once in each handshake, full
 * or resumed.
 */
export function identify(certificate: X509Certificate | undefined, trust: Trust, now: Date = new Date()): IdentifyResult {
  if (certificate === undefined) {
    return { ok: false, reason: 'no_certificate', detail: 'The client sent no certificate.' };
  }
  const vouched = vouchedBy(certificate, inForce(trust, now)) ?? vouchedBy(certificate, trust.authorities());
  if (vouched !== undefined) return judge(vouched, trust, now);
  const claims = claimsOf(certificateFacts(certificate));
  return { ok: false, reason: 'unknown_ca', detail: `No trusted CA issued it; it names "${claims.issuer}" as its issuer.`, ...claims };
}

/** What may change while the certificate does not: the time, and what its CA may and has revoked. */
function judge({ authority, facts, vehicleId }: VouchedCertificate, trust: Trust, now: Date): IdentifyResult {
  const { names, issuer, serial, notAfter } = facts;
  const organisation = names.organisation ?? defaultOrganisation;
  const storable = isStorableOrganisation(organisation);
  const allowed = !names.ambiguous && storable && mayBeFor(authority, organisation);
  const refuse = (reason: CertificateRefusalReason, detail: string): IdentifyResult => ({
    ok: false,
    reason,
    detail,
    ...claimsOf(facts),
    ...(allowed && { organisation }),
  });

  const invalid = outsideValidity(facts, authority, now) ?? revocation(authority, trust, serial, now);
  if (invalid) return refuse(invalid.reason, invalid.detail);
  if (!vehicleId.ok) return refuse('bad_vehicle_id', vehicleId.detail);
  if (!storable) {
    return refuse('organisation_not_allowed', 'Its organisation (O) is not 1 to 128 characters, or one of them is U+0000 or U+FFFD.');
  }
  if (!allowed) {
    return refuse('organisation_not_allowed', `The CA "${authority.name}" may not speak for the organisation "${organisation}".`);
  }
  return {
    ok: true,
    vehicleId: vehicleId.id,
    organisation,
    authority: authority.name,
    authorityKeyId: authority.keyId,
    issuer,
    serial,
    notAfter,
  };
}

function claimsOf({ names, issuer, serial, notAfter }: CertificateFacts) {
  return {
    ...(names.commonName !== undefined && { commonName: names.commonName }),
    ...(names.organisation !== undefined && { claimedOrganisation: names.organisation }),
    issuer,
    serial,
    notAfter,
  };
}

type Finding = { reason: CertificateRefusalReason; detail: string } | undefined;

/** Whether an identity that was accepted before still is: after a reload of the trust, or as time passes. */
export function recheck(identity: Identity, trust: Trust, now: Date = new Date()): Finding {
  const known = trust.authorities().filter(({ keyId, subject }) => keyId === identity.authorityKeyId && subject === identity.issuer);
  const lasting = known.filter(({ notAfter }) => now < notAfter);
  // A CA that has another name in the file by now, or was renewed under another, is the same one.
  const authority = lasting.find(({ name }) => name === identity.authority) ?? lasting[0] ?? known[0];
  if (authority === undefined) return { reason: 'unknown_ca', detail: `The CA "${identity.authority}" is no longer trusted.` };
  if (now >= identity.notAfter) return { reason: 'expired', detail: `It expired at ${identity.notAfter.toISOString()}.` };
  if (now >= authority.notAfter) return endOf(authority);
  if (!mayBeFor(authority, identity.organisation)) {
    return {
      reason: 'organisation_not_allowed',
      detail: `The CA "${authority.name}" may no longer speak for the organisation "${identity.organisation}".`,
    };
  }
  return revocation(authority, trust, identity.serial, now);
}

/** Whether any trusted CA of this name has revoked the serial number. */
export function isRevoked(trust: Trust, issuer: string, serial: string): boolean {
  const wanted = serialNumber(serial);
  return trust
    .authorities()
    .some((authority) => authority.subject === onOneLine(issuer) && authority.revoked?.serials.has(wanted) === true);
}

function outsideValidity({ notBefore, notAfter }: CertificateFacts, authority: TrustedAuthority, now: Date): Finding {
  // OpenSSL reads a certificate with times that are none, and a handshake that judges nothing lets it pass.
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime()))
    return { reason: 'expired', detail: 'Its validity is no two times that can be read.' };
  if (now < notBefore)
    return { reason: 'not_yet_valid', detail: `It is valid from ${notBefore.toISOString()}; here it is ${now.toISOString()}.` };
  if (now >= notAfter) return { reason: 'expired', detail: `It expired at ${notAfter.toISOString()}; here it is ${now.toISOString()}.` };
  return now >= authority.notAfter ? endOf(authority) : undefined;
}

function endOf({ name, notAfter }: TrustedAuthority): Finding {
  return { reason: 'expired', detail: `The CA "${name}" that issued it expired at ${notAfter.toISOString()}.` };
}

function revocation(authority: TrustedAuthority, trust: Trust, serial: string, now: Date): Finding {
  const { keyId, subject, revoked: list } = authority;
  // Listed twice it is one CA: what either list says is revoked.
  const isListed = trust
    .authorities()
    .some((each) => each.keyId === keyId && each.subject === subject && each.revoked?.serials.has(serial));
  if (isListed) return { reason: 'revoked', detail: `The CA "${authority.name}" has revoked the serial number ${serial}.` };
  if (list === undefined || !authority.strict) return undefined;
  if (authority.stale !== undefined) return { reason: 'revoked', detail: `Revocation cannot be ruled out: ${authority.stale}` };
  if (list.nextUpdate && now >= list.nextUpdate) {
    return {
      reason: 'revoked',
      detail: `Revocation cannot be ruled out: the list of "${authority.name}" expired at ${list.nextUpdate.toISOString()}.`,
    };
  }
  return undefined;
}
