import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '@milepost/files';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { PkiError } from '../pki-error.js';

const IssuedCertificateRecord = Type.Object({
  serial: Type.String(),
  vehicleId: Type.String(),
  organisation: Type.String(),
  notBefore: Type.String(),
  notAfter: Type.String(),
  issuedAt: Type.String(),
  revokedAt: Type.Optional(Type.String()),
});
const IssuedFile = Type.Object({ certificates: Type.Array(IssuedCertificateRecord) });

/** A line of issued.json: what was issued to whom, so that `revoke VEHICLE` finds the serial numbers. Times are RFC 3339. */
export type IssuedCertificateRecord = Static<typeof IssuedCertificateRecord>;

/** @throws PkiError `authority_damaged` when the file is there and not what it should be. */
export async function readIssued(file: string): Promise<IssuedCertificateRecord[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const content = parsed(text);
  if (!Value.Check(IssuedFile, content)) {
    throw new PkiError(
      'authority_damaged',
      `${file}, the list of issued certificates, is damaged. Restore it from a backup; without it \`npx milepost pki revoke\` needs serial numbers.`,
    );
  }
  return content.certificates;
}

export function writeIssued(file: string, certificates: IssuedCertificateRecord[]): Promise<void> {
  return writeFileAtomically(file, `${JSON.stringify({ certificates }, null, 1)}\n`, 0o600);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
