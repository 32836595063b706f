import type { AlertType } from '@milepost/contracts';
import type { PresencePolicy } from './policy.js';

/** Whom a policy is asked for. */
export interface PolicySubject {
  vehicle: number;
  organisationId: number;
}

/** An alert that is to be told: a snooze means one alert, by when it opened (log time). */
export interface Telling {
  type: AlertType;
  openedAtMs: number;
}

/** What the machine asks of policies. The answers never change: where a policy changes, the machine is given others, at a place of its log. */
export interface Policies {
  /** The last change that is in them. */
  readonly version: number;
  policyOf(subject: PolicySubject): PresencePolicy;
  /** Log time until which an alert is not told, if it is muted at this log time; infinite where no end is set. */
  mutedUntilMs(subject: PolicySubject, telling: Telling, atMs: number): number | undefined;
}

/** One policy for everybody. */
export function fixedPolicy(policy: PresencePolicy): Policies {
  return { version: 0, policyOf: () => policy, mutedUntilMs: () => undefined };
}
