/**
 * Every advisory lock that milepost takes in its database, in one place: two that happened to have the same number would
 * keep each other's work from being done. Numbers that nobody else is likely to use.
 */
export const advisoryLocks = {
  /** One migration at a time. */
  migrate: 7_303_014,
  /** One process at a time sets the roles' passwords. */
  rolePasswords: 7_303_015,
  /** One process relays dead letters to fleet.dead-letter. */
  deadLetterRelay: 7_303_020,
  /** Events are dispatched by one process at a time, or their order would be lost. */
  dispatch: 7_303_021,
  /** Claims of deliveries are made one after another, or an endpoint's limit could be passed. */
  claim: 7_303_022,
  /** One process relays events to fleet.alerts, as long as it holds this. */
  eventRelay: 7_303_023,
  /** One process forgets old deliveries and events. */
  webhookUpkeep: 7_303_024,
  /** One process drops daily partitions past retention, and deletes old dead letters. */
  partitionRetention: 7_303_025,
  /** Changes of policies are numbered one after another; taken by triggers (migrations/0007_policies.sql, 0017_changes_in_order.sql). */
  policyChange: 7_303_026,
  /** One process at a time judges the conditions of a shard's vehicles; with the shard as the second number. */
  conditionShard: 7_303_027,
  /** Geofences and the members of groups change one after another (taken by triggers), and not while an alert is opened for a fence (shared). Before `policyChange`. */
  fenceChange: 7_303_028,
} as const;
