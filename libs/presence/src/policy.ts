import type { AlertSeverity, AlertType, DisconnectCause } from '@milepost/contracts';
import type { Will } from './connection.js';

/** What holds for one vehicle. Times are in ms of the partition's clock. */
export interface PresencePolicy {
  /** From the loss of contact to the alert. */
  graceMs: number;
  /** The same when the broker went away, not the vehicle. */
  nodeGraceMs: number;
  /** Connected without a report for longer: `silent`. */
  silentAfterMs: number;
  /** A vehicle that announced no will is not judged at all. */
  requiresWill: boolean;
  /** A clean DISCONNECT counts as a loss. */
  alertOnCleanDisconnect: boolean;
  /** So many closes for the same fault … */
  faultsUntilMisconfigured: number;
  /** … within this time are `misconfigured`; the same time without one ends it. */
  faultWindowMs: number;
  /** Without a refused take-over for so long the conflict counts as over. */
  conflictQuietMs: number;
  severity: Readonly<Record<AlertType, AlertSeverity>>;
}

export const defaultPolicy: PresencePolicy = {
  graceMs: 30_000,
  nodeGraceMs: 150_000,
  silentAfterMs: 900_000,
  requiresWill: false,
  alertOnCleanDisconnect: false,
  faultsUntilMisconfigured: 5,
  faultWindowMs: 600_000,
  conflictQuietMs: 600_000,
  severity: { offline: 'critical', silent: 'warning', misconfigured: 'warning', identity_conflict: 'critical' },
};

/** Later: by organisation, group and vehicle. The machine asks each time, so a changed policy holds from the next event on. */
export type PolicyOf = (vehicle: { vehicleId: string; organisationId: number }) => PresencePolicy;

/** What the end of a vehicle's last connection means. */
export type Consequence = { kind: 'park' } | { kind: 'suspect'; graceMs: number; atOnce: boolean };

/** Cause decides; a will's delay lengthens the grace ("Presence and offline alerts"). */
export function consequenceOf(cause: DisconnectCause, will: Will | undefined, policy: PresencePolicy): Consequence {
  if (cause === 'client_disconnect' && !policy.alertOnCleanDisconnect) return { kind: 'park' };
  if (cause === 'revoked' || cause === 'certificate_expired') return { kind: 'suspect', graceMs: 0, atOnce: true };
  if (policy.requiresWill && will === undefined) return { kind: 'park' };
  const ofCause = cause === 'server_shutdown' || cause === 'node_lost' ? policy.nodeGraceMs : policy.graceMs;
  const delayMs = (will?.delaySeconds ?? 0) * 1_000;
  return { kind: 'suspect', graceMs: Math.max(ofCause, delayMs), atOnce: false };
}
