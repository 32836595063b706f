import type { FeedEvent } from '@milepost/contracts';
import { type WebhookFormat, webhookRequest } from '@milepost/outbound';
import { backoffMs, sleep } from '@milepost/runtime';

export interface ForwardOptions {
  url: string;
  secret: string;
  format: WebhookFormat;
  publicUrl: string;
  /** Send once, whatever the answer; otherwise until a 2xx comes. */
  once: boolean;
  signal: AbortSignal;
  tell(line: string): void;
}

const timeoutMs = 15_000;
const backoff = { baseMs: 500, maxMs: 10_000 };

/** Posts an event as the webhooks process would, signed by the same code, with the same `webhook-id` each time. Redirects are not followed. */
export async function forwardEvent(event: FeedEvent, options: ForwardOptions): Promise<void> {
  const { url, secret, format, publicUrl, once, signal, tell } = options;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const { method, headers, body } = webhookRequest({
      eventId: event.id,
      body: event.body,
      format,
      secrets: [secret],
      nowMs: Date.now(),
      publicUrl,
    });
    const outcome = await fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }).then(
      async (response) => {
        await response.body?.cancel();
        return { ok: response.ok, said: String(response.status) };
      },
      (error: unknown) => ({
        ok: false,
        said: error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error),
      }),
    );
    if (signal.aborted) return;
    tell(`${event.at}  ${event.type}  ${event.id}  ${outcome.said}`);
    if (outcome.ok || once) return;
    await sleep(250 + backoffMs(failures, backoff), signal);
  }
}
