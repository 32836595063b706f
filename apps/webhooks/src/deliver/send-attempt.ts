import { type AllowList, checkWebhookUrl, webhookRequest } from '@milepost/outbound';
import { type Dispatcher, request } from 'undici';
import type { AttemptResult } from './attempt-result.js';
import type { ClaimedDelivery } from './delivery-store.js';
import { excerptOf, maxExcerptBytes, storableError } from './storable-text.js';

export interface SendOptions {
  /** The guarded one: it alone decides which addresses are reached. */
  dispatcher: Dispatcher;
  allow: AllowList;
  timeoutMs: number;
  /** Where people look at alerts: what Alertmanager's `generatorURL` begins with. */
  publicUrl: string;
  /** Aborted when the process stops and cannot wait any longer. */
  signal: AbortSignal;
}

/** The status line decides; a receiver that then dawdles over its body is not waited for. */
const bodyIdleMs = 2_000;

/** Sends a delivery once. Never rejects: whatever happens is a result that is kept. */
export async function sendAttempt(delivery: ClaimedDelivery, options: SendOptions): Promise<AttemptResult> {
  const { allow, timeoutMs, signal } = options;
  const verdict = checkWebhookUrl(delivery.url, allow);
  if (!verdict.ok) return { kind: 'unanswered', error: verdict.message, latencyMs: 0 };

  const startedAt = performance.now();
  const latencyMs = () => performance.now() - startedAt;
  const aborting = new AbortController();
  const stop = () => aborting.abort();
  const timer = setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const response = await post(verdict.href, delivery, options, aborting.signal);
    const answered = { kind: 'answered' as const, statusCode: response.statusCode, latencyMs: latencyMs() };
    const retryAfter = single(response.headers['retry-after']);
    const location = single(response.headers.location);
    const responseBody = await readExcerpt(response.body);
    return { ...answered, responseBody, ...(retryAfter !== undefined && { retryAfter }), ...(location !== undefined && { location }) };
  } catch (error) {
    if (signal.aborted) return { kind: 'abandoned' };
    const message = aborting.signal.aborted ? `No answer within ${timeoutMs / 1_000} s` : describe(error);
    return { kind: 'unanswered', error: storableError(message), latencyMs: latencyMs() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function post(
  url: string,
  { eventId, body, format, headers, secret, previousSecret }: ClaimedDelivery,
  { dispatcher, publicUrl }: SendOptions,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const secrets = previousSecret === null ? [secret] : [secret, previousSecret];
  return request(url, {
    ...webhookRequest({ eventId, body, format, headers, secrets, nowMs: Date.now(), publicUrl }),
    dispatcher,
    signal,
    // The signal is the one time-out, connection included.
    headersTimeout: 0,
    bodyTimeout: bodyIdleMs,
  });
}

/** The first KiB of the answer. What cannot be read is not there: the status has come already. */
async function readExcerpt(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxExcerptBytes) break;
    }
  } catch {
    // A connection that breaks, or a time-out, after the status line.
  } finally {
    // Closes the connection when the answer is longer, rather than swallow it.
    body.destroy();
  }
  return excerptOf(Buffer.concat(chunks));
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** Node wraps what went wrong: the innermost says it ("connect ECONNREFUSED 127.0.0.1:9000"). */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error && error.message === '') return describe(error.cause);
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
