import { isIP } from 'node:net';
import { isOrganisation } from '@milepost/access';
import { maxOverlapSeconds, type Scope, scopes } from '@milepost/contracts';
import { InvalidArgumentError } from 'commander';
import { parseTime } from './parse-time.js';

const withoutSign = /^\d+[smhdw]$/;

/** Parsers of option values; what they throw is shown with the option's name and exit code 2. */
export function time(text: string): Date {
  const parsed = parseTime(text, new Date());
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError(
    withoutSign.test(text)
      ? `Say which way from now: -${text} or +${text}.`
      : 'Give RFC 3339 like 2026-03-01T12:00:00Z, or relative to now like -1h or +30d.',
  );
}

/** A time that is over: `7d` is seven days ago. */
export const backwards = (text: string): Date => time(withoutSign.test(text) ? `-${text}` : text);

/** A time that is to come: `2h` is in two hours. */
export const forwards = (text: string): Date => time(withoutSign.test(text) ? `+${text}` : text);

export function scopeList(text: string): Scope[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const known = scopes.filter((scope) => names.includes(scope));
  if (names.length === 0 || known.length !== new Set(names).size)
    throw new InvalidArgumentError(`Give some of ${scopes.join(', ')}, comma-separated.`);
  return known;
}

/** Of a key, a group, a geofence, as database and API take it. */
export function name(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be in a name
  if (text === '' || [...text].length > 128 || /[\u0000-\u001f]/.test(text))
    throw new InvalidArgumentError('Give 1 to 128 characters, and no line ends or tabs.');
  return text;
}

/** Organisation of a certificate. */
export function organisation(text: string): string {
  if (isOrganisation(text)) return text;
  throw new InvalidArgumentError('Give 1 to 64 printable characters, no space first or last.');
}

const hostName = /^(?!-)(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/i;

/** What a client connects to, without scheme and port: that is what stands in a certificate. */
export function host(text: string): string {
  if (isIP(text) !== 0 || (text.length <= 253 && hostName.test(text))) return text;
  throw new InvalidArgumentError('Give a host name or an address alone, like broker.example.com or 10.0.0.5.');
}

/** For options that take several: each is parsed, and stands behind those before. */
export const each =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): T[] => [...before, parse(text)];

const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `24h`, `0s` as seconds, 7 days at most. */
export function overlap(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = unit === undefined ? Number.NaN : Number(count) * unitSeconds[unit as keyof typeof unitSeconds];
  if (!(seconds <= maxOverlapSeconds)) throw new InvalidArgumentError('Give a time like 24h, 30m or 0s, 7d at most.');
  return seconds;
}

/** RFC 3986 §2 but for what opens a fragment or holds an IPv6 address: these have their places. */
const uriText = "(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*";
const uriPattern = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?=.)(?://${uriText}\\[[0-9A-Fa-f:.]+\\])?${uriText}(?:#${uriText})?$`);

/** RFC 5280 §4.2.1.6: with a scheme, and not relative; of the characters of RFC 3986. */
export function uri(text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('Give a URI with its scheme, like urn:vehicle:my-truck.');
  if (uriPattern.test(text)) return text;
  const encoded = encodeURI(text);
  const instead = encoded !== text && uriPattern.test(encoded) ? ` Give ${encoded}.` : '';
  throw new InvalidArgumentError(
    `A URI has letters and digits of ASCII and - . _ ~ : / ? @ ! $ & ' ( ) * + , ; =, one # at most, and anything else as %XX (RFC 3986).${instead}`,
  );
}

export const port = (text: string): number => integer(text, 1, 65_535);
export const limit = (text: string): number => integer(text, 1, 1_000);
/** Between groups of a vehicle, as the API takes it. */
export const priority = (text: string): number => integer(text, -1_000, 1_000);

function integer(text: string, least: number, most: number): number {
  const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  return value;
}

/** Whom a command is for, where a forgotten word would do much: the organisation only when that is said. */
export const wholeOrganisation = ['--whole-organisation', 'of the organisation itself, and so of every vehicle'] as const;

/** Of a topic in Kafka. */
export function copies(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number, like 3.');
}
