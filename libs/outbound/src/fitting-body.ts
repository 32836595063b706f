/** No webhook's body is larger. */
export const maxPayloadBytes = 256 * 1_024;
/** Longest text that stays in an event which is cut, in characters. */
const maxTextLength = 512;

/**
 * The event's body, byte for byte, when a webhook may carry it. A larger one loses what is long in `data` (texts over 512 characters, lists and
 * objects within the alert or incident) and says so in `truncated`: who, what and when arrive, the rest is asked of the API. Pure.
 */
export function fittingBody(body: string): string {
  const bytes = Buffer.byteLength(body);
  if (bytes <= maxPayloadBytes) return body;
  const { id, type, timestamp, data } = JSON.parse(body) as Record<string, unknown>;
  const short = Object.fromEntries(Object.entries(asObject(data)).map(([name, entity]) => [name, scalarsOf(entity)]));
  const cut = JSON.stringify({ id, type, timestamp, data: short, truncated: { bytes, maxBytes: maxPayloadBytes } });
  // Thousands of short fields: nothing of ours has them, and then the name and time alone go.
  return Buffer.byteLength(cut) <= maxPayloadBytes
    ? cut
    : JSON.stringify({ id, type, timestamp, data: {}, truncated: { bytes, maxBytes: maxPayloadBytes } });
}

function scalarsOf(entity: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(asObject(entity)).filter(([, value]) =>
      typeof value === 'string' ? value.length <= maxTextLength : typeof value !== 'object',
    ),
  );
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
