import type { Alert } from '@milepost/contracts';
import type { Will } from '@milepost/presence';

/** The will as an alert shows it: its payload as text too, where it is text. */
export function shownWill({ topic, payloadBase64, publishedAtMs }: Will): NonNullable<Alert['will']> {
  const text = textOf(payloadBase64);
  return {
    topic,
    payloadBase64,
    ...(text !== undefined && { text }),
    ...(publishedAtMs !== undefined && { publishedAt: new Date(publishedAtMs).toISOString() }),
  };
}

/** Postgres stores no U+0000, and nobody reads it. */
function textOf(base64: string): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
    return text === '' || text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
