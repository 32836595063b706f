export { advisoryLocks } from './advisory-locks.js';
export { AppStopped, stopped } from './app-stopped.js';
export { connectionUrl, connectionUrlFault } from './connecting/connection-url.js';
export { databaseEnv } from './connecting/env.js';
export { createPool, type Pool, type PoolOptions } from './connecting/pool.js';
export { type AppRole, appRoles, rolePasswords, setRolePasswords, urlForRole } from './connecting/roles.js';
export { migrate } from './migrating/migrate.js';
export { PostgresTooOldError, postgresVersionFault } from './migrating/postgres-version.js';
export { type SchemaFault, schemaFault } from './migrating/schema-fault.js';
export * as schema from './schema/index.js';
export { classifyDatabaseError, type DatabaseErrorKind, isTemporary } from './statements/errors.js';
export { type BoundStatement, runTogether } from './statements/run-together.js';
export { bound, type Statement, sql } from './statements/sql.js';
export { withOrganisation, withTransaction } from './statements/transaction.js';
export {
  type ApiKey,
  type ApiKeyEntry,
  createApiKey,
  findApiKey,
  findValidApiKeys,
  listApiKeys,
  type NamedApiKey,
  type NewApiKey,
  revokeApiKey,
} from './tables/api-keys.js';
export { ConsumerPositions, type ConsumerPositionsOptions } from './tables/consumer-positions.js';
export {
  type DeadLetterEntry,
  type DeadLetterPosition,
  type DeadLetterRecord,
  findDeadLetter,
  listDeadLetters,
} from './tables/dead-letters.js';
export { addGeofence, type GeofenceEntry, listGeofences, type NewGeofence, removeGeofence } from './tables/geofences.js';
export { type GroupUses, groupUsesInWords } from './tables/group-uses.js';
export { recordedPartitions, recordPartitions, refreshFeedEpoch } from './tables/installation.js';
export { packJson, unpackJson } from './tables/packed.js';
export { deletePolicy, listPolicies, type PolicyAddress, type PolicyEntry, readPolicyChanges, savePolicy } from './tables/policies.js';
export {
  type BatchRow,
  findSnapshots,
  lastBatches,
  oldestSnapshotMs,
  readBatches,
  readSnapshot,
  type SnapshotRow,
} from './tables/presence-history.js';
export {
  type Claim,
  Registry,
  type RegistryOptions,
  type RegistryPolicy,
  type Resolution,
  vehiclesOfOrganisation,
} from './tables/registry.js';
export {
  addToVehicleGroup,
  createVehicleGroup,
  deleteVehicleGroup,
  type GroupDeletion,
  type GroupEntry,
  type KnownOfAddress,
  knownOf,
  listVehicleGroups,
  type Membership,
  removeFromVehicleGroup,
} from './tables/vehicle-groups.js';
