import type { AlertSeverity, AlertType, DisconnectCause, MaintenanceWindow } from '@milepost/contracts';
import { type ConditionPolicy, defaultConditionPolicy } from '../conditions/condition-policy.js';
import type { Will } from '../state/connection.js';

/** What holds for one vehicle. Times are in ms of the partition's clock. */
export interface PresencePolicy {
  /** From the loss of contact to the alert. */
  graceMs: number;
  /** The same when the broker went away, not the vehicle. */
  nodeGraceMs: number;
  /** The same where others lost contact lately, when it is longer. */
  deadZoneGraceMs: number;
  /** Connected without a report for longer: `silent`. */
  silentAfterMs: number;
  /** A vehicle that announced no will is not judged at all. */
  requiresWill: boolean;
  /** A clean DISCONNECT counts as a loss. */
  alertOnCleanDisconnect: boolean;
  /** An offline or silent alert is not told before it has lasted so long. */
  minimumOutageMs: number;
  /** Told again so often while nobody acknowledges it; 0: never. */
  renotifyMs: number;
  /** Nothing is told while one is on. */
  maintenanceWindows: readonly MaintenanceWindow[];
  /** So many closes for the same fault … */
  faultsUntilMisconfigured: number;
  /** … within this time are `misconfigured`; the same time without one ends it. */
  faultWindowMs: number;
  /** Without a refused take-over for so long the conflict counts as over. */
  conflictQuietMs: number;
  severity: Readonly<Record<AlertType, AlertSeverity>>;
  /** What vehicles report, and their certificates. */
  conditions: ConditionPolicy;
}

export const defaultPolicy: PresencePolicy = {
  graceMs: 30_000,
  nodeGraceMs: 150_000,
  deadZoneGraceMs: 0,
  silentAfterMs: 900_000,
  requiresWill: false,
  alertOnCleanDisconnect: false,
  minimumOutageMs: 0,
  renotifyMs: 0,
  maintenanceWindows: [],
  faultsUntilMisconfigured: 5,
  faultWindowMs: 600_000,
  conflictQuietMs: 600_000,
  severity: {
    offline: 'critical',
    silent: 'warning',
    misconfigured: 'warning',
    identity_conflict: 'critical',
    dtc: 'warning',
    battery_low: 'warning',
    geofence_enter: 'warning',
    geofence_exit: 'warning',
    sos: 'critical',
    crash: 'critical',
    // It rises as the end comes near.
    certificate_expiring: 'info',
  },
  conditions: defaultConditionPolicy,
};

/** What the end of a vehicle's last connection means. */
export type Consequence = { kind: 'park' } | { kind: 'suspect'; graceMs: number; atOnce: boolean };

/** Cause decides; a will's delay lengthens the grace ("Presence and offline alerts"). */
export function consequenceOf(cause: DisconnectCause, will: Will | undefined, policy: PresencePolicy): Consequence {
  if (cause === 'client_disconnect' && !policy.alertOnCleanDisconnect) return { kind: 'park' };
  if (cause === 'revoked' || cause === 'certificate_expired') return { kind: 'suspect', graceMs: 0, atOnce: true };
  if (policy.requiresWill && will === undefined) return { kind: 'park' };
  const ofCause = isOfNode(cause) ? policy.nodeGraceMs : policy.graceMs;
  const delayMs = (will?.delaySeconds ?? 0) * 1_000;
  return { kind: 'suspect', graceMs: Math.max(ofCause, delayMs), atOnce: false };
}

/** The broker went away, not the vehicle: that says nothing of the place where the vehicle is. */
export const isOfNode = (cause: DisconnectCause): boolean => cause === 'server_shutdown' || cause === 'node_lost';
