import { sql } from 'drizzle-orm';
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.js';

// Mirrors migrations/0003_webhooks.sql and 0011_webhook_options.sql, which alone make the tables: constraints, indexes and policies stand there.

export const webhookEndpoints = pgTable('webhook_endpoints', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  organisationId: integer('organisation_id').notNull(),
  url: text('url').notNull(),
  eventTypes: text('event_types').array().notNull().default([]),
  description: text('description'),
  enabled: boolean('enabled').notNull().default(true),
  secret: text('secret').notNull(),
  previousSecret: text('previous_secret'),
  previousSecretUntil: instant('previous_secret_until'),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  suspendedAt: instant('suspended_at'),
  suspendedReason: text('suspended_reason'),
  failingSince: instant('failing_since'),
  pausedUntil: instant('paused_until'),
  deletedAt: instant('deleted_at'),
  format: text('format', { enum: ['native', 'alertmanager'] })
    .notNull()
    .default('native'),
  vehicleIds: text('vehicle_ids').array(),
  groupIds: uuid('group_ids').array(),
  headers: jsonb('headers').$type<Record<string, string>>().notNull().default({}),
  headerNames: text('header_names').array().notNull().default([]),
  consecutiveFailures: integer('consecutive_failures').notNull().default(0),
  breakerOpenedAt: instant('breaker_opened_at'),
});

export const webhookDeliveries = pgTable('webhook_deliveries', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  organisationId: integer('organisation_id').notNull(),
  endpointId: uuid('endpoint_id').notNull(),
  eventId: uuid('event_id').notNull(),
  eventType: text('event_type').notNull(),
  subject: uuid('subject').notNull(),
  sequence: bigint('sequence', { mode: 'bigint' }).notNull(),
  status: text('status', { enum: ['pending', 'failed', 'delivered', 'dead'] })
    .notNull()
    .default('pending'),
  replayOf: uuid('replay_of'),
  attempts: integer('attempts').notNull().default(0),
  nextAttemptAt: instant('next_attempt_at').default(sql`now()`),
  claimedBy: text('claimed_by'),
  claimedUntil: instant('claimed_until'),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  deliveredAt: instant('delivered_at'),
  skippedAt: instant('skipped_at'),
  skippedBy: text('skipped_by'),
});

export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    deliveryId: uuid('delivery_id').notNull(),
    number: integer('number').notNull(),
    organisationId: integer('organisation_id').notNull(),
    at: instant('at').notNull(),
    status: integer('status'),
    error: text('error'),
    latencyMs: doublePrecision('latency_ms').notNull(),
    responseBody: text('response_body'),
  },
  (table) => [primaryKey({ columns: [table.deliveryId, table.number] })],
);
