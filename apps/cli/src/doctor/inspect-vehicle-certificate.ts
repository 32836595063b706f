import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { refusalRemedies } from '@milepost/contracts';
import { identify, type Trust } from '@milepost/pki';
import { type Finding, fine, wrong } from './finding.js';

export interface VehicleFilesContent {
  /** PEM, as the vehicle has them. */
  certificate: string;
  key: string;
  ca: string;
  /** What the broker trusts; without it, only the CA of the vehicle is asked. */
  trust?: Trust;
  now?: Date;
}

/** Everything that can be said about a vehicle's files without a network, in the order in which to mend it. */
export function inspectVehicleCertificate({
  certificate: pem,
  key: keyPem,
  ca: caPem,
  trust,
  now = new Date(),
}: VehicleFilesContent): Finding[] {
  const certificate = parsed(() => new X509Certificate(pem));
  if (certificate === undefined) {
    return [
      wrong('Certificate', 'the file holds no certificate in PEM form', 'Give the file that `npx milepost pki issue` wrote: VEHICLE.crt.'),
    ];
  }
  return [keyFinding(certificate, keyPem), caFinding(certificate, caPem, now), identityFinding(certificate, trust, now)];
}

function keyFinding(certificate: X509Certificate, keyPem: string): Finding {
  const key = parsed<KeyObject>(() => createPrivateKey(keyPem));
  if (key === undefined)
    return wrong('Key', 'the file holds no private key in PEM form (or one with a password)', 'Give the file VEHICLE.key.');
  if (certificate.checkPrivateKey(key)) return fine('Key', 'it belongs to the certificate');
  return wrong(
    'Key',
    'it does not belong to the certificate',
    'Give the key that was made with it; if it is lost, issue a new certificate.',
  );
}

/** The vehicle's CA file is there to recognise the broker; in most installations it also issued the vehicle's certificate. */
function caFinding(certificate: X509Certificate, caPem: string, now: Date): Finding {
  const ca = parsed(() => new X509Certificate(caPem));
  if (ca === undefined) return wrong('CA', 'the file holds no certificate in PEM form', 'Give the file ca.crt.');
  if (!ca.ca)
    return wrong(
      'CA',
      'the certificate in the file is not of a CA',
      'Give the file ca.crt, not the certificate of the broker or a vehicle.',
    );
  if (now >= new Date(ca.validTo))
    return wrong('CA', `it expired at ${new Date(ca.validTo).toISOString()}`, 'Give the vehicle the CA that is in use now.');
  const issued = certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
  return fine(
    'CA',
    issued
      ? 'it issued the certificate'
      : 'it did not issue the certificate; that is right only where vehicles and brokers have different CAs',
  );
}

function identityFinding(certificate: X509Certificate, trust: Trust | undefined, now: Date): Finding {
  const subject = 'Identity';
  if (trust === undefined) return outsideTrust(subject, certificate, now);
  const result = identify(certificate, trust, now);
  if (!result.ok) return wrong(subject, `${result.reason}. ${result.detail}`, refusalRemedies[result.reason]);
  const { vehicleId, organisation, authority, notAfter } = result;
  return fine(
    subject,
    `vehicle ${vehicleId} of organisation ${organisation}, as the CA "${authority}" says, until ${notAfter.toISOString()}`,
  );
}

function outsideTrust(subject: string, certificate: X509Certificate, now: Date): Finding {
  const [notBefore, notAfter] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (now < notBefore) return wrong(subject, `not_yet_valid. It is valid from ${notBefore.toISOString()}.`, refusalRemedies.not_yet_valid);
  if (now >= notAfter) return wrong(subject, `expired. It expired at ${notAfter.toISOString()}.`, refusalRemedies.expired);
  return fine(subject, `${certificate.subject.replaceAll('\n', ', ')}; what the broker trusts is not known here (name it with --trust)`);
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
