import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import * as x509 from '@peculiar/x509';
import type { Authority } from './authority.js';
import { signingAlgorithm } from './key-pair.js';
import { PkiError } from './pki-error.js';
import { serialNumber } from './serial-number.js';
import { writeFileAtomically } from './write-file-atomically.js';

const dayMs = 86_400_000;

/** A list is published for 30 days and renewed when half of them are over. */
export const revocationListDays = 30;

/**
 * Adds serial numbers to ca.crl (RFC 5280 §5), numbered anew; what stands on it stays. Without new ones it is rewritten only when half its time is over.
 * The caller holds the authority's lock.
 */
export async function publishRevocations(authority: Authority, serials: readonly string[], now = new Date()): Promise<void> {
  const previous = await readPrevious(authority.files.crl);
  const listed = new Map(previous?.entries.map((entry) => [serialNumber(entry.serialNumber), entry.revocationDate]));
  const added = serials.map(serialNumber).filter((serial) => !listed.has(serial));
  const fresh = previous?.nextUpdate && previous.nextUpdate.getTime() - now.getTime() > (revocationListDays / 2) * dayMs;
  if (added.length === 0 && fresh) return;
  for (const serial of added) listed.set(serial, now);

  const issuer = new x509.X509Certificate(new Uint8Array(authority.certificate.raw));
  const crl = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: now,
    nextUpdate: new Date(now.getTime() + revocationListDays * dayMs),
    entries: [...listed].map(([serial, revocationDate]) => ({ serialNumber: wholeBytes(serial), revocationDate })),
    extensions: [await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey), crlNumber(now)],
    signingAlgorithm,
    signingKey: authority.signingKey,
  });
  await writeFileAtomically(authority.files.crl, `${crl.toString('pem')}\n`);
}

async function readPrevious(file: string): Promise<x509.X509Crl | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return new x509.X509Crl(text);
  } catch (cause) {
    // Starting an empty list here would let every revoked vehicle in again.
    throw new PkiError(
      'authority_damaged',
      `The revocation list ${file} is damaged. Restore it from a backup before anything else is revoked.`,
      { cause },
    );
  }
}

/** CRL number (RFC 5280 §5.2.3): the time in milliseconds, which only rises while the lock is held. */
function crlNumber(now: Date): x509.Extension {
  const digits = wholeBytes(now.getTime().toString(16));
  const length = (digits.length / 2).toString(16).padStart(2, '0');
  return new x509.Extension('2.5.29.20', false, Buffer.from(`02${length}${digits}`, 'hex'));
}

/** Hexadecimal of a positive DER INTEGER: whole bytes, and a leading 00 where the first bit would say "negative". */
export function wholeBytes(hex: string): string {
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even;
}
