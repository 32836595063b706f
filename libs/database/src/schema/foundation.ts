import { sql } from 'drizzle-orm';
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { instant, preciseInstant } from './columns.js';

// Mirrors migrations/0000_foundation.sql, which alone makes the tables: constraints, indexes and policies stand there.

export const installation = pgTable('installation', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  createdAt: preciseInstant('created_at').notNull().default(sql`now()`),
  feedEpoch: smallint('feed_epoch').notNull().default(1),
  systemIdentifier: bigint('system_identifier', { mode: 'bigint' }).notNull(),
});

export const kafkaTopics = pgTable('kafka_topics', {
  topic: text('topic').primaryKey(),
  partitions: integer('partitions').notNull(),
});

export const kafkaOffsets = pgTable(
  'kafka_offsets',
  {
    consumer: text('consumer').notNull(),
    clusterId: text('cluster_id').notNull(),
    topic: text('topic').notNull(),
    partition: integer('partition').notNull(),
    nextOffset: bigint('next_offset', { mode: 'bigint' }).notNull(),
    completeUntil: preciseInstant('complete_until'),
    clockAt: preciseInstant('clock_at'),
    clock: jsonb('clock'),
    updatedAt: preciseInstant('updated_at').notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.consumer, table.clusterId, table.topic, table.partition] })],
);

export const organisations = pgTable('organisations', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  name: text('name').notNull().unique(),
  createdAt: preciseInstant('created_at').notNull().default(sql`now()`),
});

export const vehicles = pgTable('vehicles', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  vehicleId: text('vehicle_id').notNull().unique(),
  organisationId: integer('organisation_id').notNull(),
  registration: text('registration', { enum: ['active', 'pending', 'refused'] })
    .notNull()
    .default('active'),
  vin: text('vin'),
  name: text('name'),
  firstSeenAt: instant('first_seen_at').notNull().default(sql`now()`),
});
