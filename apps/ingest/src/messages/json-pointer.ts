/** Appends one reference token to a JSON pointer (RFC 6901 §3: `~` and `/` are escaped). */
export function pointerTo(parent: string, token: string | number): string {
  return typeof token === 'number' ? `${parent}/${token}` : `${parent}/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
