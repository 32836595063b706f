import type { EventFeed, FeedEvent } from '@milepost/contracts';
import { backoffMs, sleep } from '@milepost/runtime';
import { CliError } from '../cli-error.js';
import { type ApiClient, ApiFailureError, ApiRefusalError, ApiUnreachableError } from '../reaching/api-client.js';

export interface FollowOptions {
  api: Pick<ApiClient, 'call'>;
  /** Begin at this time, or behind this cursor; at the feed's end when neither is given. */
  from?: Date;
  cursor?: string;
  types?: string;
  signal: AbortSignal;
  /** Resolves when the event is done with. The feed goes on only then. */
  handle(event: FeedEvent): Promise<void>;
  onTrouble(message: string): void;
  /** The API has taken what was asked for: called once, before the first event. */
  onBegin(): void;
}

const waitSeconds = 20;
const backoff = { baseMs: 500, maxMs: 10_000 };

/**
 * Reads the feed of events and hands them over one after another, in the feed's order, until aborted. An event is behind the cursor only when
 * `handle` has resolved. @throws CliError when the API refuses, a cursor older than what is kept for one. @returns the cursor behind the last page that was done with, to go on from; undefined when there was none.
 */
export async function followEvents({
  api,
  from,
  cursor: start,
  types,
  signal,
  handle,
  onTrouble,
  onBegin,
}: FollowOptions): Promise<string | undefined> {
  let cursor = start;
  let begun = false;
  for (let failures = 0; !signal.aborted; ) {
    const query = new URLSearchParams({
      limit: '100',
      ...(cursor === undefined ? from && { from: from.toISOString() } : { cursor }),
      // The first answer says at once where the feed's end is, and that the cursor will do.
      ...(begun && { waitSeconds: String(waitSeconds) }),
      ...(types !== undefined && { types }),
    });
    let page: EventFeed;
    try {
      page = await api.call<EventFeed>('GET', `/v1/events?${query}`, undefined, signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof ApiUnreachableError || error instanceof ApiFailureError)) throw withWayOn(error);
      onTrouble(error.message);
      await sleep(250 + backoffMs(failures++, backoff), signal);
      continue;
    }
    if (!begun) onBegin();
    begun = true;
    for (const event of page.items) {
      await handle(event);
      if (signal.aborted) return cursor;
    }
    cursor = page.nextCursor;
  }
  return cursor;
}

/** The problem speaks of the API's parameters; whoever runs the command has options. */
function withWayOn(error: unknown): unknown {
  const { code, oldestCursor } = (error instanceof ApiRefusalError && error.problem) || {};
  if (code === 'invalid_cursor')
    return new CliError('--cursor: no earlier run ended there. Give the cursor that it printed at its end, or begin anew with --from.', 1, {
      cause: error,
    });
  if (code !== 'cursor_expired') return error;
  return new CliError(
    `Events behind this cursor are no longer kept, and were not forwarded. Go on with the oldest that are kept: --cursor ${oldestCursor}, or begin anew with --from.`,
    1,
    { cause: error },
  );
}
