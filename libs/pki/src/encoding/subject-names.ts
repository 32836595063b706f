import type { X509Certificate } from 'node:crypto';

/** The names of a certificate that we act upon. A name that stands there twice is ambiguous and counts as absent from `commonName`/`organisation`. */
export interface SubjectNames {
  commonName?: string;
  organisation?: string;
  ambiguous: boolean;
}

type Attributes = Record<string, string | string[] | undefined>;

/** Reads CN and O from the parsed subject, never from its printed form, which a crafted name could imitate (CVE-2021-44533). */
export function subjectNames(certificate: X509Certificate): SubjectNames {
  const { CN, O } = certificate.toLegacyObject().subject as unknown as Attributes;
  return {
    ...(typeof CN === 'string' && { commonName: CN }),
    ...(typeof O === 'string' && { organisation: O }),
    ambiguous: Array.isArray(CN) || Array.isArray(O),
  };
}

/** The URI entries of the subject alternative name. Node quotes values that could be mistaken for several entries. */
export function uriNames(certificate: X509Certificate): string[] {
  const entry = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;
  const uris: string[] = [];
  for (const [, kind, value = ''] of (certificate.subjectAltName ?? '').matchAll(entry)) {
    if (kind === 'URI') uris.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
  }
  return uris;
}

/** A distinguished name on one line, as `CN=…, O=…` in the certificate's order. */
export const onOneLine = (name: string): string => name.replaceAll('\n', ', ');
