import { sql } from 'drizzle-orm';
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.js';

// Mirrors migrations/0004_api_keys.sql, which alone makes the tables: constraints, indexes and policies stand there.

export const apiKeys = pgTable('api_keys', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  organisationId: integer('organisation_id').notNull(),
  name: text('name').notNull(),
  scopes: text('scopes').array().notNull(),
  hash: bytea('hash').notNull().unique(),
  prefix: text('prefix').notNull(),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  revokedAt: instant('revoked_at'),
});
