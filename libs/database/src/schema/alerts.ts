import { sql } from 'drizzle-orm';
import { bigint, doublePrecision, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant, xid8 } from './columns.js';

// Mirrors migrations/0002_alerts.sql, which alone makes the tables: constraints, indexes and policies stand there.

export const vehiclePresence = pgTable('vehicle_presence', {
  vehicle: integer('vehicle').primaryKey(),
  organisationId: integer('organisation_id').notNull(),
  presencePartition: integer('presence_partition').notNull(),
  state: text('state', { enum: ['online', 'suspect', 'offline', 'parked', 'unknown'] }).notNull(),
  since: instant('since').notNull(),
  cause: text('cause'),
  connections: integer('connections').notNull().default(0),
  lastContactAt: instant('last_contact_at'),
  node: text('node'),
  lostAt: instant('lost_at'),
  lostNode: text('lost_node'),
  dueAt: instant('due_at'),
  machine: jsonb('machine').notNull(),
});

export const closedConnections = pgTable('closed_connections', {
  connectionId: text('connection_id').primaryKey(),
  presencePartition: integer('presence_partition').notNull(),
  vehicle: integer('vehicle').notNull(),
  closedAt: instant('closed_at').notNull(),
});

export const incidents = pgTable('incidents', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  organisationId: integer('organisation_id').notNull(),
  scope: text('scope', { enum: ['node', 'organisation'] }).notNull(),
  node: text('node'),
  presencePartition: integer('presence_partition').notNull(),
  openedAt: instant('opened_at').notNull(),
  closedAt: instant('closed_at'),
  openedClockAt: instant('opened_clock_at').notNull(),
  mostlyBackClockAt: instant('mostly_back_clock_at'),
  vehicles: integer('vehicles').notNull().default(0),
  returned: integer('returned').notNull().default(0),
  notifiedAt: instant('notified_at'),
});

export const incidentMembers = pgTable(
  'incident_members',
  {
    incidentId: uuid('incident_id').notNull(),
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    joinedAt: instant('joined_at').notNull(),
    returnedAt: instant('returned_at'),
  },
  (table) => [primaryKey({ columns: [table.incidentId, table.vehicle] })],
);

export const alerts = pgTable('alerts', {
  id: uuid('id').primaryKey().default(sql`uuidv7()`),
  organisationId: integer('organisation_id').notNull(),
  vehicle: integer('vehicle'),
  type: text('type').notNull(),
  status: text('status', { enum: ['open', 'acknowledged', 'resolved'] }).notNull(),
  severity: text('severity', { enum: ['info', 'warning', 'critical'] }).notNull(),
  cause: text('cause'),
  incidentId: uuid('incident_id'),
  openedAt: instant('opened_at').notNull(),
  acknowledgedAt: instant('acknowledged_at'),
  acknowledgedBy: text('acknowledged_by'),
  note: text('note'),
  resolvedAt: instant('resolved_at'),
  outageSeconds: doublePrecision('outage_seconds'),
  lastPosition: jsonb('last_position'),
  lastContactAt: instant('last_contact_at'),
  will: jsonb('will'),
  details: jsonb('details').notNull().default({}),
  notifiedAt: instant('notified_at'),
  lastNotifiedAt: instant('last_notified_at'),
  key: text('key').notNull().default(''),
});

export const alertHistory = pgTable('alert_history', {
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  alertId: uuid('alert_id').notNull(),
  organisationId: integer('organisation_id').notNull(),
  at: instant('at').notNull(),
  status: text('status').notNull(),
  actor: text('actor').notNull(),
  note: text('note'),
});

export const incidentJoins = pgTable('incident_joins', {
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  incidentId: uuid('incident_id').notNull(),
  organisationId: integer('organisation_id').notNull(),
});

export const outbox = pgTable('outbox', {
  eventId: uuid('event_id').primaryKey().default(sql`uuidv7()`),
  id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
  organisationId: integer('organisation_id').notNull(),
  type: text('type').notNull(),
  subject: uuid('subject').notNull(),
  recordKey: text('record_key').notNull(),
  body: text('body').notNull(),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  dispatchedAt: instant('dispatched_at'),
  relayedAt: instant('relayed_at'),
  feedEpoch: smallint('feed_epoch').notNull().default(sql`current_feed_epoch()`),
  commitXid: xid8('commit_xid').notNull().default(sql`pg_current_xact_id()`),
  dispatchBatch: bigint('dispatch_batch', { mode: 'bigint' }),
});

export const forgottenEvents = pgTable('forgotten_events', {
  organisationId: integer('organisation_id').primaryKey(),
  dispatchBatch: bigint('dispatch_batch', { mode: 'bigint' }).notNull(),
  id: bigint('id', { mode: 'bigint' }).notNull(),
});

export const connectionAttempts = pgTable(
  'connection_attempts',
  {
    sourcePartition: integer('source_partition').notNull(),
    sourceOffset: bigint('source_offset', { mode: 'bigint' }).notNull(),
    organisationId: integer('organisation_id').notNull(),
    at: instant('at').notNull(),
    address: text('address').notNull(),
    commonName: text('common_name'),
    organisation: text('organisation'),
    issuer: text('issuer'),
    serial: text('serial'),
    notAfter: instant('not_after'),
    reason: text('reason').notNull(),
    remedy: text('remedy').notNull(),
    count: integer('count').notNull().default(1),
    node: text('node').notNull(),
    epoch: bigint('epoch', { mode: 'bigint' }).notNull(),
    counter: bigint('counter', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.node, table.epoch, table.counter] })],
);

/** Mirrors migrations/0009_contact_losses.sql. */
export const contactLosses = pgTable(
  'contact_losses',
  {
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    lostAt: instant('lost_at').notNull(),
    returnedAt: instant('returned_at'),
    cause: text('cause').notNull(),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    cellLat: integer('cell_lat').default(sql`floor(latitude * 200)`),
    cellLon: integer('cell_lon').default(sql`floor(longitude * 200)`),
  },
  (table) => [primaryKey({ columns: [table.vehicle, table.lostAt] })],
);

/** Mirrors migrations/0010_presence_history.sql. */
export const presenceHistory = pgTable(
  'presence_history',
  {
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    at: instant('at').notNull(),
    id: bigint('id', { mode: 'bigint' }).notNull().generatedAlwaysAsIdentity(),
    presencePartition: integer('presence_partition').notNull(),
    state: text('state').notNull(),
    machine: jsonb('machine').notNull(),
    logTimeMs: doublePrecision('log_time_ms'),
    clockMs: doublePrecision('clock_ms').notNull(),
    policyVersion: bigint('policy_version', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.vehicle, table.at, table.id] })],
);
