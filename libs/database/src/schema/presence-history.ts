import { sql } from 'drizzle-orm';
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.js';

// Mirrors migrations/0012_presence_batches.sql.

export const presenceBatches = pgTable('presence_batches', {
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  at: instant('at').notNull().default(sql`now()`),
  presencePartition: integer('presence_partition').notNull(),
  policyVersion: bigint('policy_version', { mode: 'bigint' }).notNull(),
  loaded: boolean('loaded').notNull(),
  logTimeMs: doublePrecision('log_time_ms'),
  clockMs: doublePrecision('clock_ms').notNull(),
  format: smallint('format').notNull(),
  content: bytea('content').notNull(),
});

export const presenceSnapshots = pgTable('presence_snapshots', {
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  takenAt: instant('taken_at').notNull().default(sql`now()`),
  clusterId: text('cluster_id').notNull(),
  presencePartition: integer('presence_partition').notNull(),
  partitions: integer('partitions').notNull(),
  batchId: bigint('batch_id', { mode: 'bigint' }).notNull(),
  policyVersion: bigint('policy_version', { mode: 'bigint' }).notNull(),
  logTimeMs: doublePrecision('log_time_ms').notNull(),
  vehicles: integer('vehicles').notNull(),
  format: smallint('format').notNull(),
  clock: jsonb('clock').notNull(),
  storm: jsonb('storm').notNull(),
});

export const presenceSnapshotPieces = pgTable(
  'presence_snapshot_pieces',
  {
    snapshotId: bigint('snapshot_id', { mode: 'bigint' }).notNull(),
    piece: integer('piece').notNull(),
    kind: text('kind', { enum: ['vehicles', 'closed'] }).notNull(),
    content: bytea('content').notNull(),
  },
  (table) => [primaryKey({ columns: [table.snapshotId, table.piece] })],
);
