import { sql } from 'drizzle-orm';
import { bigint, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.js';

// Mirrors migrations/0007_policies.sql, which alone makes the tables: constraints, indexes, triggers and policies stand there.

const target = {
  organisationId: integer('organisation_id').notNull(),
  scope: text('scope', { enum: ['organisation', 'group', 'vehicle'] }).notNull(),
  groupId: uuid('group_id'),
  vehicle: integer('vehicle'),
};

export const alertPolicies = pgTable('alert_policies', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  ...target,
  priority: integer('priority').notNull().default(0),
  settings: jsonb('settings').notNull(),
  updatedAt: instant('updated_at').notNull().default(sql`now()`),
  updatedBy: text('updated_by').notNull(),
});

export const alertMutes = pgTable('alert_mutes', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  ...target,
  types: text('types').array(),
  alertId: uuid('alert_id'),
  alertOpenedAt: instant('alert_opened_at'),
  startsAt: instant('starts_at').notNull().default(sql`now()`),
  endsAt: instant('ends_at'),
  reason: text('reason'),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  createdBy: text('created_by').notNull(),
});

export const policyChanges = pgTable('policy_changes', {
  id: bigint('id', { mode: 'bigint' }).primaryKey(),
  at: instant('at').notNull(),
  organisationId: integer('organisation_id'),
  change: jsonb('change').notNull(),
});
