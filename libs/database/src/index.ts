export { databaseEnv } from './env.js';
export { classifyDatabaseError, type DatabaseErrorKind } from './errors.js';
export { recordedPartitions, recordPartitions, refreshFeedEpoch } from './installation.js';
export { migrate } from './migrate.js';
export { createPool, type PoolOptions } from './pool.js';
export { type Claim, Registry, type RegistryOptions, type RegistryPolicy, type Resolution } from './registry.js';
export { type AppRole, appRoles, rolePasswords, setRolePasswords, urlForRole } from './roles.js';
export { type Statement, sql } from './sql.js';
export { withOrganisation, withTransaction } from './transaction.js';
