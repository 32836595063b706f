import type { PasswordHash } from '../password/password-hash.js';

/** Somebody who comes in with a name and a password: an operator, or a tool of one. */
export interface User {
  readonly name: string;
  /** Whose topics it sees. */
  readonly organisation: string;
  readonly disabled: boolean;
  readonly password: PasswordHash;
}

/** A file in which users were disabled may be larger, by that much for each: a full one must not keep anybody in. */
export const userLimits = { maxUsers: 10_000, maxFileBytes: 8 * 1024 * 1024, disabledBytes: '"disabled":true,'.length };

/** No character of it means anything in a topic filter, so `%u` is what it looks like. */
export const userNamePattern = '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$';
export const organisationPattern = '^[^\\p{Cc}\\p{Cs}]{1,64}$';

const name = new RegExp(userNamePattern);
const organisation = new RegExp(organisationPattern, 'u');

export function isUserName(text: string): boolean {
  return name.test(text);
}

/** What a certificate can hold as its O, too. */
export function isOrganisation(text: string): boolean {
  return organisation.test(text) && text.trim() === text;
}
