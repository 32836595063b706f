import type { AttemptResult } from './attempt-result.js';
import { retryAfterMs } from './retry-after.js';
import { storableError } from './storable-text.js';

export type Verdict =
  | { status: 'delivered' }
  | { status: 'failed'; error: string; retryInMs: number /** For the whole endpoint. */; pauseMs?: number }
  | { status: 'dead'; error: string; disableEndpoint: boolean; pauseMs?: number };

/** What an attempt says of the endpoint itself, whatever became of the delivery; the circuit breaker counts by it. `unasked`: nothing was sent. */
export type EndpointHealth = 'works' | 'fails' | 'unknown' | 'unasked';

export interface AttemptFacts {
  result: Exclude<AttemptResult, { kind: 'abandoned' }>;
  /** Attempts before this one. */
  attemptsBefore: number;
  /** The wait before each attempt, the first included. */
  scheduleMs: readonly number[];
  nowMs: number;
  /** In [0, 1). */
  random: () => number;
}

/** At most this share of a step is added to it: thousands of deliveries that failed together must not return together. */
const jitter = 0.2;

/** What an attempt means for the delivery. 2xx is delivered and 410 is over (Standard Webhooks); all else is tried again while the schedule lasts. */
export function judgeAttempt({ result, attemptsBefore, scheduleMs, nowMs, random }: AttemptFacts): Verdict {
  if (result.kind === 'answered' && result.statusCode >= 200 && result.statusCode < 300) return { status: 'delivered' };
  const error = storableError(errorOf(result));
  if (result.kind === 'outdated') return { status: 'dead', error, disableEndpoint: false };
  if (result.kind === 'answered' && result.statusCode === 410) return { status: 'dead', error, disableEndpoint: true };
  const askedMs = result.kind === 'answered' ? retryAfterMs(result.retryAfter, nowMs) : undefined;
  const pause = askedMs !== undefined && asksForPause(result) && { pauseMs: askedMs };
  const stepMs = scheduleMs[attemptsBefore + 1];
  // The pause is the endpoint's: its other deliveries keep it.
  if (stepMs === undefined) return { status: 'dead', error, disableEndpoint: false, ...pause };

  const scheduledMs = stepMs * (1 + jitter * random());
  return { status: 'failed', error, retryInMs: Math.max(scheduledMs, askedMs ?? 0), ...pause };
}

/** With these a receiver speaks of itself, not of this one delivery (RFC 6585 §4, RFC 9110 §15.6.4). */
function asksForPause(result: AttemptFacts['result']): boolean {
  return result.kind === 'answered' && (result.statusCode === 429 || result.statusCode === 503);
}

/**
 * No answer, 5xx, 408 and 429 are the endpoint's trouble. With another answer it may refuse this one event for good, or everything:
 * that neither opens nor closes its breaker.
 */
export function endpointHealth(result: AttemptFacts['result']): EndpointHealth {
  if (result.kind === 'unanswered') return 'fails';
  if (result.kind === 'outdated') return 'unasked';
  const { statusCode } = result;
  if (statusCode >= 200 && statusCode < 300) return 'works';
  return statusCode >= 500 || statusCode === 408 || statusCode === 429 ? 'fails' : 'unknown';
}

function errorOf(result: AttemptFacts['result']): string {
  if (result.kind !== 'answered') return result.error;
  if (result.statusCode === 410) return 'The receiver answered 410 Gone: the endpoint is disabled';
  if (result.statusCode >= 300 && result.statusCode < 400) {
    return `The receiver answered ${result.statusCode}: redirects are not followed${result.location ? ` (to ${result.location})` : ''}`;
  }
  return `The receiver answered ${result.statusCode}`;
}
