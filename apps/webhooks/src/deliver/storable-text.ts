/** How much of an answer is kept, in bytes. */
export const maxExcerptBytes = 1_024;
const maxErrorLength = 500;

/** The beginning of an answer as text that Postgres takes: a character that the cut has split is dropped, what is not UTF-8 becomes U+FFFD, U+0000 goes. */
export function excerptOf(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8');
  return withoutNul(decoder.decode(bytes.subarray(0, maxExcerptBytes), { stream: bytes.length >= maxExcerptBytes }));
}

export function storableError(message: string): string {
  // Through bytes: half of a surrogate pair at the cut becomes U+FFFD.
  return Buffer.from(withoutNul(message).slice(0, maxErrorLength)).toString();
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
