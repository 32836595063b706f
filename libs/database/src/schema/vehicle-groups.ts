import { sql } from 'drizzle-orm';
import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.js';

// Mirrors migrations/0005_vehicle_groups.sql, which alone makes the tables: constraints, indexes and policies stand there.

export const vehicleGroups = pgTable('vehicle_groups', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  organisationId: integer('organisation_id').notNull(),
  name: text('name').notNull(),
  description: text('description'),
  createdAt: instant('created_at').notNull().default(sql`now()`),
});

export const vehicleGroupMembers = pgTable(
  'vehicle_group_members',
  {
    groupId: uuid('group_id').notNull(),
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    addedAt: instant('added_at').notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.vehicle] })],
);
