import type { Delivery, Webhook } from '@milepost/contracts';

/** How an endpoint fares, in a word or two. */
export function stateOf({ enabled, suspendedAt, breakerOpenedAt, pausedUntil, failingSince }: Webhook): string {
  if (!enabled) return 'disabled';
  if (suspendedAt !== undefined) return 'suspended';
  if (breakerOpenedAt !== undefined) return 'breaker open';
  if (pausedUntil !== undefined) return `paused until ${pausedUntil}`;
  return failingSince === undefined ? 'enabled' : 'failing';
}

/** Whose events it wants: of these vehicles, or of those of these groups. A group that is not among the names is called by its id. */
export function vehiclesOf({ vehicleIds, groupIds }: Webhook, names: ReadonlyMap<string, string>): string {
  return [...vehicleIds, ...groupIds.map((id) => `group ${names.get(id) ?? id}`)].join(',') || 'all';
}

/** How far a delivery is that has not arrived. */
export function progressOf({ status }: Pick<Delivery, 'status'>): string {
  return status === 'failed' ? 'failed; it is tried again' : status;
}

/** What came of the last attempt. */
export function outcomeOf({ attempts, skippedBy }: Delivery): string {
  if (skippedBy !== undefined) return `skipped by ${skippedBy}`;
  const last = attempts.at(-1);
  return last === undefined ? '' : (last.error ?? String(last.status ?? ''));
}
