export { advisoryLocks } from './advisory-locks.js';
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
} from './api-keys.js';
export { AppStopped, stopped } from './app-stopped.js';
export { connectionUrl, connectionUrlFault } from './connection-url.js';
export { ConsumerPositions, type ConsumerPositionsOptions } from './consumer-positions.js';
export { type DeadLetterEntry, type DeadLetterPosition, type DeadLetterRecord, findDeadLetter, listDeadLetters } from './dead-letters.js';
export { databaseEnv } from './env.js';
export { classifyDatabaseError, type DatabaseErrorKind, isTemporary } from './errors.js';
export { addGeofence, type GeofenceEntry, listGeofences, type NewGeofence, removeGeofence } from './geofences.js';
export { type GroupUses, groupUsesInWords } from './group-uses.js';
export { recordedPartitions, recordPartitions, refreshFeedEpoch } from './installation.js';
export { migrate } from './migrate.js';
export { packJson, unpackJson } from './packed.js';
export { deletePolicy, listPolicies, type PolicyAddress, type PolicyEntry, readPolicyChanges, savePolicy } from './policies.js';
export { createPool, type Pool, type PoolOptions } from './pool.js';
export { PostgresTooOldError, postgresVersionFault } from './postgres-version.js';
export {
  type BatchRow,
  findSnapshots,
  lastBatches,
  oldestSnapshotMs,
  readBatches,
  readSnapshot,
  type SnapshotRow,
} from './presence-history.js';
export { type Claim, Registry, type RegistryOptions, type RegistryPolicy, type Resolution, vehiclesOfOrganisation } from './registry.js';
export { type AppRole, appRoles, rolePasswords, setRolePasswords, urlForRole } from './roles.js';
export { type BoundStatement, runTogether } from './run-together.js';
export * as schema from './schema/index.js';
export { type SchemaFault, schemaFault } from './schema-fault.js';
export { bound, type Statement, sql } from './sql.js';
export { withOrganisation, withTransaction } from './transaction.js';
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
} from './vehicle-groups.js';
