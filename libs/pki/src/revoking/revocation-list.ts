import { verify, type X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type DerElement, derChildren, derTag, isDerTime, readDer, readDerTime } from '../encoding/der.js';
import { serialNumber } from '../encoding/serial-number.js';
import { onOneLine } from '../encoding/subject-names.js';
import { PkiError } from '../pki-error.js';

/** A certificate revocation list (RFC 5280 §5) as far as it decides. */
export interface RevocationList {
  /** Serial number → when it was revoked. */
  serials: ReadonlyMap<string, Date>;
  thisUpdate: Date;
  nextUpdate?: Date;
}

/** Signature algorithms by the hexadecimal of their OID's content; `null` where the key says it all (Ed25519). */
const digests = new Map<string, string | null>([
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2b6570', null],
]);
const understoodExtensions = new Set(['551d14', '551d23']); // CRL number, authority key identifier

/**
 * Reads a list in PEM or DER form and checks that `issuer` signed it (RSA PKCS #1, ECDSA or Ed25519).
 * A list with a critical extension that is not understood (delta lists, lists of a part) is refused whole, RFC 5280 §5.2.
 * @throws PkiError `crl_unreadable`
 */
export async function readRevocationList(file: string, issuer: X509Certificate): Promise<RevocationList> {
  try {
    return parseRevocationList(await readFile(file), issuer);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PkiError('crl_unreadable', `The revocation list ${file} cannot be used: ${why}.`, { cause });
  }
}

/** @throws Error that says what is wrong with the list. */
export function parseRevocationList(bytes: Buffer, issuer: X509Certificate): RevocationList {
  const { tbs, algorithm, signature } = outer(bytes);
  const digest = digests.get(first(algorithm).content.toString('hex'));
  if (digest === undefined) throw new Error('its signature algorithm is not supported');

  const fields = [...derChildren(tbs.content)];
  if (fields[0]?.tag === derTag.integer) fields.shift(); // version
  const [, name, thisUpdate, ...rest] = fields;
  if (name === undefined || !isDerTime(thisUpdate)) throw new Error('it is not an X.509 CRL');
  const signed = name.whole.equals(subjectOf(issuer)) && verify(digest, tbs.whole, issuer.publicKey, signature);
  if (!signed) throw new Error(`it is not signed by "${onOneLine(issuer.subject)}"`);

  const nextUpdate = isDerTime(rest[0]) ? rest.shift() : undefined;
  const entries = rest[0]?.tag === derTag.sequence ? rest.shift() : undefined;
  refuseForeignExtensions(rest.find((field) => field.tag === derTag.context0));
  return {
    serials: new Map(entries ? serialsOf(entries) : []),
    thisUpdate: readDerTime(thisUpdate),
    ...(nextUpdate && { nextUpdate: readDerTime(nextUpdate) }),
  };
}

function outer(bytes: Buffer): { tbs: DerElement; algorithm: DerElement; signature: Buffer } {
  try {
    const [tbs, algorithm, signature] = derChildren(readDer(fromPem(bytes)).content);
    if (tbs?.tag === derTag.sequence && algorithm?.tag === derTag.sequence && signature?.tag === derTag.bitString) {
      return { tbs, algorithm, signature: signature.content.subarray(1) };
    }
  } catch {
    // Not DER: said below.
  }
  throw new Error('it is not an X.509 CRL');
}

function fromPem(bytes: Buffer): Buffer {
  if (!bytes.includes('-----BEGIN')) return bytes;
  const [, base64] = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(bytes.toString('latin1')) ?? [];
  if (base64 === undefined) throw new Error('it holds no "X509 CRL" block');
  return Buffer.from(base64, 'base64');
}

function* serialsOf(entries: DerElement): Generator<[string, Date]> {
  for (const entry of derChildren(entries.content)) {
    const [serial, revokedAt] = derChildren(entry.content);
    if (serial === undefined || revokedAt === undefined) throw new Error('it has an entry without serial number or time');
    yield [serialNumber(serial.content.toString('hex')), readDerTime(revokedAt)];
  }
}

function refuseForeignExtensions(extensions: DerElement | undefined): void {
  if (extensions === undefined) return;
  for (const extension of derChildren(first(extensions).content)) {
    const [oid, critical] = derChildren(extension.content);
    const id = oid?.content.toString('hex') ?? '';
    if (critical?.tag === 0x01 && critical.content[0] !== 0 && !understoodExtensions.has(id)) {
      throw new Error(`it has a critical extension (OID ${id}) that is not supported; publish a complete list`);
    }
  }
}

/** The subject of a certificate as it is encoded in it: names are compared by their bytes (RFC 5280 §7.1 allows more). */
export function subjectOf(certificate: X509Certificate): Buffer {
  const fields = [...derChildren(first(readDer(certificate.raw)).content)];
  if (fields[0]?.tag === derTag.context0) fields.shift(); // version
  const subject = fields[4];
  if (subject === undefined) throw new Error('unreachable: Node parsed this certificate');
  return subject.whole;
}

function first(element: DerElement): DerElement {
  return readDer(element.content);
}
