import { sql } from 'drizzle-orm';
import { bigint, boolean, integer, jsonb, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.js';

// Mirrors migrations/0013_conditions.sql and those behind it, which alone make the tables: constraints, indexes, triggers and policies stand there.

export const geofences = pgTable('geofences', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  organisationId: integer('organisation_id').notNull(),
  name: text('name').notNull(),
  description: text('description'),
  shape: jsonb('shape').notNull(),
  alertOn: text('alert_on', { enum: ['enter', 'exit', 'both'] })
    .notNull()
    .default('both'),
  enabled: boolean('enabled').notNull().default(true),
  groupId: uuid('group_id'),
  armedAt: instant('armed_at').notNull().default(sql`now()`),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  updatedAt: instant('updated_at').notNull().default(sql`now()`),
});

export const conditionFacts = pgTable('condition_facts', {
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  organisationId: integer('organisation_id').notNull(),
  vehicle: integer('vehicle').notNull(),
  shard: smallint('shard').notNull().default(sql`vehicle % 16`),
  recordedAt: instant('recorded_at').notNull(),
  receivedAt: instant('received_at').notNull(),
  identity: bigint('identity', { mode: 'bigint' }).notNull(),
  fact: jsonb('fact').notNull(),
  urgent: boolean('urgent').notNull().default(sql`fact ->> 'kind' in ('emergency', 'dismiss')`),
  createdAt: instant('created_at').notNull().default(sql`now()`),
});

export const vehicleConditions = pgTable('vehicle_conditions', {
  vehicle: integer('vehicle').primaryKey(),
  organisationId: integer('organisation_id').notNull(),
  shard: smallint('shard').notNull().default(sql`vehicle % 16`),
  dueAt: instant('due_at'),
  machine: jsonb('machine').notNull(),
  judgedAt: instant('judged_at').notNull().default(sql`now()`),
});
