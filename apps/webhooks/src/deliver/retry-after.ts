/** No receiver may stop us for longer than our own longest step. */
export const maxRetryAfterMs = 28_800_000;

/** What `Retry-After` asks for: delay seconds or an HTTP date (RFC 9110 §10.2.3), in ms from now, bounded; undefined when it says nothing usable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const delayMs = /^\d{1,15}$/.test(text)
    ? Number(text) * 1_000
    : /^[A-Z][a-z]{2,8},? .* GMT$|^[A-Z][a-z]{2} [A-Z][a-z]{2} /.test(text)
      ? Date.parse(text) - nowMs
      : Number.NaN;
  return Number.isFinite(delayMs) ? Math.min(Math.max(delayMs, 0), maxRetryAfterMs) : undefined;
}
