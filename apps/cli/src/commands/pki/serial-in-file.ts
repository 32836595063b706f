import { X509Certificate } from 'node:crypto';
import type { Authority } from '@milepost/pki';
import { readNamedFile } from '../../arguments/read-named-file.js';
import { CliError, exitCodes } from '../../cli-error.js';

/** What is named by its path or by its ending is no vehicle. */
export const isCertificateFile = (name: string): boolean => name.includes('/') || /\.(crt|pem|cer)$/i.test(name);

/** The serial number of a certificate that this authority has issued. @throws CliError for any other file. */
export async function serialInFile(file: string, { certificate: issuer, folder }: Authority): Promise<string> {
  const certificate = parsed(await readNamedFile('The certificate', file));
  if (certificate === undefined) {
    throw new CliError(`${file} holds no certificate in PEM form. Give the file VEHICLE.crt that \`npx milepost pki issue\` wrote.`);
  }
  if (certificate.ca) throw new CliError(`${file} is the certificate of a CA, not of a vehicle: no revocation list of its own ends it.`);
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
    throw new CliError(
      `${file} was not issued by the authority in ${folder}: to revoke it there would change nothing. Name the folder of its authority with --pki.`,
      exitCodes.failed,
    );
  }
  return certificate.serialNumber;
}

function parsed(content: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(content);
  } catch {
    return undefined;
  }
}
