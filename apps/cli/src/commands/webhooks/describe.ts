import type { Delivery, Webhook } from '@milepost/contracts';

/** How an endpoint fares, in a word or two. */
export function stateOf({ enabled, suspendedAt, breakerOpenedAt, pausedUntil, failingSince }: Webhook): string {
  if (!enabled) return 'disabled';
  if (suspendedAt !== undefined) return 'suspended';
  if (breakerOpenedAt !== undefined) return 'breaker open';
  if (pausedUntil !== undefined) return `paused until ${pausedUntil}`;
  return failingSince === undefined ? 'enabled' : 'failing';
}

/** What came of the last attempt. */
export function outcomeOf({ attempts, skippedBy }: Delivery): string {
  if (skippedBy !== undefined) return `skipped by ${skippedBy}`;
  const last = attempts.at(-1);
  return last === undefined ? '' : (last.error ?? String(last.status ?? ''));
}
