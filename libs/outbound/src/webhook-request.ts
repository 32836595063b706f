import { alertmanagerBody } from './alertmanager-body.js';
import { fittingBody } from './fitting-body.js';
import { signatureHeaders } from './sign.js';

/** How events are written: as they are, or as Prometheus Alertmanager's `POST /api/v2/alerts` takes them. */
export type WebhookFormat = 'native' | 'alertmanager';

export interface WebhookMessage {
  /** The event's id, the `webhook-id`. */
  eventId: string;
  /** The event as it stands in the outbox. */
  body: string;
  format: WebhookFormat;
  /** The newest first; each signs. */
  secrets: readonly string[];
  /** Judged by `checkCustomHeaders`. */
  headers?: Readonly<Record<string, string>>;
  nowMs: number;
  /** Where people look at alerts, without a slash at the end. */
  publicUrl: string;
}

export interface WebhookRequest {
  method: 'POST';
  headers: Record<string, string>;
  body: string;
}

/** What is sent for an event, by whoever sends it: the same event gives the same body in every attempt. Pure but for the HMAC. */
export function webhookRequest({ eventId, body, format, secrets, headers, nowMs, publicUrl }: WebhookMessage): WebhookRequest {
  const sent = format === 'alertmanager' ? alertmanagerBody(body, publicUrl) : fittingBody(body);
  const message = { id: eventId, timestamp: Math.floor(nowMs / 1_000), body: sent };
  return {
    method: 'POST',
    // Ours come last: whatever stands in the database, it replaces none of these.
    headers: {
      ...headers,
      'content-type': 'application/json',
      'user-agent': 'milepost-webhooks/1',
      ...signatureHeaders(message, secrets),
    },
    body: sent,
  };
}
