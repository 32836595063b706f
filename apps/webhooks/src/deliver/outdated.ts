import type { AttemptResult } from './attempt-result.js';
import type { ClaimedDelivery } from './delivery-store.js';

/**
 * A heartbeat says that the pipeline works now. Sent later, by a retry or after an outage of ours, it would keep a dead man's switch from
 * noticing that no new one comes: with the 30 s that `apps/canary` looks back, none arrives later than 90 s after the pipeline stopped.
 */
const heartbeatLastsMs = 60_000;

/** What becomes of a delivery that is not to be sent any more; undefined for one that is. A replay is sent whatever its age: somebody asked for it. */
export function outdatedResult({ eventType, eventAgeMs, isReplay }: ClaimedDelivery): (AttemptResult & { kind: 'outdated' }) | undefined {
  if (eventType !== 'pipeline.heartbeat' || isReplay || eventAgeMs <= heartbeatLastsMs) return undefined;
  const error = `Not sent: a heartbeat of ${Math.round(eventAgeMs / 1_000)} s ago says nothing of now`;
  return { kind: 'outdated', error, latencyMs: 0 };
}
