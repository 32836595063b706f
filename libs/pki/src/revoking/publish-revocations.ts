import { sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '@milepost/files';
import type { Authority } from '../authority/authority.js';
import { derInteger, derTag, derTime, writeDer } from '../encoding/der.js';
import { serialNumber } from '../encoding/serial-number.js';
import { PkiError } from '../pki-error.js';
import { parseRevocationList, type RevocationList, subjectOf } from './revocation-list.js';

const dayMs = 86_400_000;

/** A list is published for 30 days and renewed when half of them are over. */
export const revocationListDays = 30;

const ecdsaWithSha256 = writeDer(derTag.sequence, writeDer(derTag.oid, Buffer.from('2a8648ce3d040302', 'hex')));
const crlNumberOid = writeDer(derTag.oid, Buffer.from('551d14', 'hex'));
const authorityKeyOid = writeDer(derTag.oid, Buffer.from('551d23', 'hex'));
const octetString = 0x04;

/**
 * Adds serial numbers to ca.crl (RFC 5280 §5), numbered anew; what stands on it stays. Without new ones it is rewritten only when half its time is over.
 * The caller holds the authority's lock.
 * @returns those that did not stand on it before.
 */
export async function publishRevocations(authority: Authority, serials: readonly string[], now = new Date()): Promise<string[]> {
  const previous = await readPrevious(authority);
  const listed = new Map(previous?.serials);
  const added = serials.map(serialNumber).filter((serial) => !listed.has(serial));
  const fresh = previous?.nextUpdate && previous.nextUpdate.getTime() - now.getTime() > (revocationListDays / 2) * dayMs;
  if (added.length === 0 && fresh) return [];
  for (const serial of added) listed.set(serial, now);
  await writeFileAtomically(authority.files.crl, signedList(authority, listed, now));
  return added;
}

function signedList(authority: Authority, serials: ReadonlyMap<string, Date>, now: Date): string {
  const entries = [...serials].map(([serial, revokedAt]) => writeDer(derTag.sequence, derInteger(serial), derTime(revokedAt)));
  const extensions = [
    // The time in milliseconds as CRL number (§5.2.3): it only rises, as the lock is held.
    writeDer(derTag.sequence, crlNumberOid, writeDer(octetString, derInteger(now.getTime().toString(16)))),
    writeDer(derTag.sequence, authorityKeyOid, writeDer(octetString, authorityKeyIdentifier(authority))),
  ];
  const tbs = writeDer(
    derTag.sequence,
    derInteger('1'), // version 2
    ecdsaWithSha256,
    subjectOf(authority.certificate),
    derTime(now),
    derTime(new Date(now.getTime() + revocationListDays * dayMs)),
    ...(entries.length > 0 ? [writeDer(derTag.sequence, ...entries)] : []), // §5.1.2.6: absent, not empty
    writeDer(derTag.context0, writeDer(derTag.sequence, ...extensions)),
  );
  const signature = writeDer(derTag.bitString, Buffer.from([0]), sign('sha256', tbs, authority.privateKey));
  const base64 = writeDer(derTag.sequence, tbs, ecdsaWithSha256, signature).toString('base64');
  return `-----BEGIN X509 CRL-----\n${base64.replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END X509 CRL-----\n`;
}

/** By the issuer's name and serial number (§4.2.1.1), which every CA has. */
function authorityKeyIdentifier({ certificate }: Authority): Buffer {
  const directoryName = writeDer(0xa4, subjectOf(certificate));
  return writeDer(
    derTag.sequence,
    writeDer(0xa1, directoryName),
    Buffer.concat([Buffer.from([0x82]), derInteger(certificate.serialNumber).subarray(1)]),
  );
}

async function readPrevious(authority: Authority): Promise<RevocationList | undefined> {
  const file = authority.files.crl;
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return parseRevocationList(bytes, authority.certificate);
  } catch (cause) {
    // Starting an empty list here would let every revoked vehicle in again.
    throw new PkiError(
      'authority_damaged',
      `The revocation list ${file} is damaged. Restore it from a backup before anything else is revoked.`,
      {
        cause,
      },
    );
  }
}
