import type { X509Certificate } from 'node:crypto';
import { isVehicleId, type VehicleId } from '@milepost/contracts';
import { serialNumber } from '../encoding/serial-number.js';
import { onOneLine, type SubjectNames, subjectNames, uriNames } from '../encoding/subject-names.js';
import type { TrustedAuthority } from './trusted-authority.js';

/** What the bytes of a certificate say. */
export interface CertificateFacts {
  readonly names: SubjectNames;
  /** Distinguished name of the issuer, on one line. */
  readonly issuer: string;
  /** Upper case hexadecimal, no leading zeros. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export type VehicleIdFound = { readonly ok: true; readonly id: VehicleId } | { readonly ok: false; readonly detail: string };

const clientAuthentication = '1.3.6.1.5.5.7.3.2';

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  return {
    names: subjectNames(certificate),
    issuer: onOneLine(certificate.issuer),
    serial: serialNumber(certificate.serialNumber),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** The vehicle that a certificate of that CA names, or why it names none. */
export function vehicleIdIn(certificate: X509Certificate, names: SubjectNames, authority: TrustedAuthority): VehicleIdFound {
  const purposes = certificate.keyUsage as string[] | undefined; // extended key usage, by Node's odd name
  if (certificate.ca || (purposes !== undefined && !purposes.includes(clientAuthentication))) {
    return { ok: false, detail: 'It is not made for client authentication, so it names no vehicle.' };
  }
  if (names.ambiguous) return { ok: false, detail: 'Its subject has more than one CN or O.' };
  const { uriPrefix } = authority;
  if (uriPrefix === undefined) return checked(names.commonName, 'Its subject has no CN.', 'Its CN');
  const ids = uriNames(certificate).filter((uri) => uri.startsWith(uriPrefix));
  if (ids.length > 1) return { ok: false, detail: `It has ${ids.length} URIs that begin with "${uriPrefix}"; one must name the vehicle.` };
  return checked(ids[0]?.slice(uriPrefix.length), `It has no URI that begins with "${uriPrefix}".`, 'The id in its URI');
}

function checked(id: string | undefined, absent: string, what: string): VehicleIdFound {
  if (id === undefined) return { ok: false, detail: absent };
  if (isVehicleId(id)) return { ok: true, id };
  return {
    ok: false,
    detail: `${what}, ${JSON.stringify(id.slice(0, 100))}, is not 1 to 64 letters, digits, dots, underscores or hyphens, a letter or digit first.`,
  };
}
