import 'reflect-metadata';
import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as x509 from '@peculiar/x509';
import { PkiError } from './pki-error.js';
import { serialNumber } from './serial-number.js';

/** A certificate revocation list (RFC 5280 §5) as far as it decides. */
export interface RevocationList {
  serials: ReadonlySet<string>;
  thisUpdate: Date;
  nextUpdate?: Date;
}

const understood = new Set(['2.5.29.20', '2.5.29.35']); // CRL number, authority key identifier

/**
 * Reads a list in PEM or DER form and checks that `issuer` signed it.
 * A list with a critical extension that is not understood (delta lists, lists of a part) is refused whole, RFC 5280 §5.2.
 * @throws PkiError `crl_unreadable`
 */
export async function readRevocationList(file: string, issuer: X509Certificate): Promise<RevocationList> {
  const fail = (why: string, cause?: unknown): never => {
    throw new PkiError('crl_unreadable', `The revocation list ${file} cannot be used: ${why}`, { cause });
  };
  const bytes = await readFile(file).catch((cause: unknown) => fail(cause instanceof Error ? cause.message : String(cause), cause));
  let crl: x509.X509Crl;
  try {
    crl = new x509.X509Crl(bytes.includes('-----BEGIN') ? bytes.toString('latin1') : new Uint8Array(bytes));
  } catch (cause) {
    return fail('it is not an X.509 CRL.', cause);
  }
  const foreign = crl.extensions.find((extension) => extension.critical && !understood.has(extension.type));
  if (foreign) fail(`it has the critical extension ${foreign.type}, which is not supported; publish a complete list.`);
  const authority = new x509.X509Certificate(new Uint8Array(issuer.raw));
  const signed = await crl.verify({ publicKey: authority.publicKey }).catch(() => false);
  if (crl.issuer !== authority.subject || !signed) fail(`it is not signed by "${authority.subject}".`);
  return {
    serials: new Set(crl.entries.map((entry) => serialNumber(entry.serialNumber))),
    thisUpdate: crl.thisUpdate,
    ...(crl.nextUpdate && { nextUpdate: crl.nextUpdate }),
  };
}
