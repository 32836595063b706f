import type { AlertType, PolicyScope, PolicySettings } from '@milepost/contracts';

/** Whom a policy or a mute means. */
export interface PolicyTarget {
  organisationId: number;
  scope: PolicyScope;
  groupId?: string | null;
  vehicle?: number | null;
}

/** Nothing is told of its target, from one log time to another. */
export interface MuteRule extends PolicyTarget {
  id: string;
  /** All types unless given. */
  types?: AlertType[] | null;
  /** A snooze: of the alert that opened then (log time). */
  alertOpenedAtMs?: number | null;
  fromMs: number;
  /** Without an end until it is removed. */
  untilMs?: number | null;
}

/** A fact about policies. Their order is the same for everybody: what is folded from the first n of them is version n. */
export type PolicyChange =
  /** What the alerts processes were configured with. */
  | { kind: 'base'; settings: PolicySettings }
  | ({ kind: 'policy'; priority: number /** Null: there is none any longer. */; settings: PolicySettings | null } & PolicyTarget)
  | { kind: 'member'; groupId: string; vehicle: number; member: boolean }
  | ({ kind: 'mute'; removed: boolean } & MuteRule);

/** As it stands in the log of changes. */
export interface NumberedChange {
  id: number;
  change: PolicyChange;
}
