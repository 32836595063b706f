/** Characters that are kept of what a certificate claims; RFC 5280 allows 64 in a CN or O, and a distinguished name has several. */
const MAX_SHOWN = 256;

/**
 * What somebody unknown claims, fit to be logged, recorded and stored: anybody can present a certificate with 100 KB of name, a NUL
 * (which Postgres stores nowhere) or terminal sequences.
 */
export function shownText(claimed: string): string {
  const cut = claimed.length > MAX_SHOWN ? `${claimed.slice(0, MAX_SHOWN - 1)}…` : claimed;
  return cut.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\u{fffd}');
}
