export { type PartitionClock, steadyTimeOf, unsetClock } from './clock/partition-clock.js';
export { type ShapeFault, shapeFaults } from './conditions/check-shape.js';
export { type ConditionReason, type ExplainedCondition, explainConditions } from './conditions/explain-conditions.js';
export type { Geofence } from './conditions/geofence.js';
export {
  type ConditionContext,
  type JudgedConditions,
  judgeConditions,
  nextLookMs,
  type PlacedFact,
} from './conditions/judge-conditions.js';
export type { ConditionSubject } from './conditions/reconcile.js';
export { noConditions, type VehicleConditions } from './conditions/vehicle-conditions.js';
export type {
  AlertEffect,
  AnnotateAlert,
  Effect,
  LoseContact,
  OpenAlert,
  RaiseAlert,
  RegainContact,
  ResolveAlert,
  TellAlert,
} from './effect.js';
export { explain, type Reason } from './explain.js';
export { AlertLedger, type LedgerAlert } from './history/alert-ledger.js';
export {
  factsFor,
  type JudgedFacts,
  noFacts,
  type OpenedIncident,
  type PackedBatch,
  packBatch,
  type RecordedBatch,
  unpackBatch,
} from './history/recorded-batch.js';
export { HISTORY_FORMAT } from './history/recorded-event.js';
export type { ReplayedIncident } from './history/recorded-incidents.js';
export { RecordedPolicies } from './history/recorded-policies.js';
export { ReplayedFleet, type ReplayOptions, type WhatIf, type World } from './history/replayed-fleet.js';
export type { Divergence } from './history/replayed-partition.js';
export type { MachineRecord } from './machine-record.js';
export type { PendingNotice } from './notices/notice.js';
export { presencePolicyOf, type ResolvedPolicy, resolvePolicy } from './policy/effective-policy.js';
export { fixedPolicy, type Policies, type PolicySubject } from './policy/policies.js';
export { defaultPolicy, type PresencePolicy } from './policy/policy.js';
export { PolicyBook, type SaidPolicy } from './policy/policy-book.js';
export type { MuteRule, NumberedChange, PolicyChange } from './policy/policy-change.js';
export {
  type Changes,
  maxJudgedAtOnce,
  type PresenceEvent,
  PresencePartition,
  type Remembered,
  type StoredPartition,
  type Transition,
} from './presence-partition.js';
export type { ClosedConnection } from './state/closed-connections.js';
export type { ConnectedCount } from './state/connected-counts.js';
export type { Will } from './state/connection.js';
export type { Presence, Suspect } from './state/presence.js';
export { nextDueAfterMs, nextDueAtMs, type VehicleState } from './state/vehicle-state.js';
export { FleetInMemory } from './storm/fleet-in-memory.js';
export { courseOf, type IncidentLimits } from './storm/incident-course.js';
export type { MemoryIncident } from './storm/memory-storm.js';
export { causesCountedWith, isStorm, type LossCount, type Losses, STORM_WINDOW_MS } from './storm/storm-rule.js';
export type { StormSettings } from './storm/storm-settings.js';
export { deadZoneLosses, type Facts, mayBeJudged } from './transitions/judge.js';
export { settle } from './transitions/prove.js';
export type { ReportFacts } from './transitions/silence.js';
