import { sql } from 'drizzle-orm';
import { bigint, boolean, doublePrecision, integer, jsonb, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { bytea, instant, xid8 } from './columns.js';

// Mirrors migrations/0001_telemetry.sql, which alone makes the tables: constraints, indexes and policies stand there.

export const locations = pgTable(
  'locations',
  {
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    identity: bigint('identity', { mode: 'bigint' }).notNull(),
    receivedAt: instant('received_at').notNull(),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    fixValid: boolean('fix_valid').notNull(),
    clockSuspect: boolean('clock_suspect').notNull().default(false),
    ignition: boolean('ignition'),
    satellites: integer('satellites'),
    sequence: bigint('sequence', { mode: 'bigint' }),
    altitudeM: doublePrecision('altitude_m'),
    speedKph: doublePrecision('speed_kph'),
    headingDeg: doublePrecision('heading_deg'),
    accuracyM: doublePrecision('accuracy_m'),
    hdop: doublePrecision('hdop'),
    odometerKm: doublePrecision('odometer_km'),
    fuelLevelPct: doublePrecision('fuel_level_pct'),
    driverId: text('driver_id'),
    events: jsonb('events'),
    attributes: jsonb('attributes'),
    sourcePartition: integer('source_partition').notNull(),
    sourceOffset: bigint('source_offset', { mode: 'bigint' }).notNull(),
    feedEpoch: smallint('feed_epoch').notNull(),
    commitXid: xid8('commit_xid').notNull().default(sql`pg_current_xact_id()`),
    id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
  },
  (table) => [primaryKey({ columns: [table.vehicle, table.recordedAt, table.identity] })],
);

export const diagnostics = pgTable(
  'diagnostics',
  {
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    identity: bigint('identity', { mode: 'bigint' }).notNull(),
    receivedAt: instant('received_at').notNull(),
    clockSuspect: boolean('clock_suspect').notNull().default(false),
    sequence: bigint('sequence', { mode: 'bigint' }),
    signals: jsonb('signals').notNull().default({}),
    dtcs: jsonb('dtcs').notNull().default([]),
    odometerKm: doublePrecision('odometer_km'),
    engineHours: doublePrecision('engine_hours'),
    attributes: jsonb('attributes'),
    sourcePartition: integer('source_partition').notNull(),
    sourceOffset: bigint('source_offset', { mode: 'bigint' }).notNull(),
    feedEpoch: smallint('feed_epoch').notNull(),
    commitXid: xid8('commit_xid').notNull().default(sql`pg_current_xact_id()`),
    id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
  },
  (table) => [primaryKey({ columns: [table.vehicle, table.recordedAt, table.identity] })],
);

export const statusReports = pgTable(
  'status_reports',
  {
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    receivedAt: instant('received_at').notNull(),
    status: text('status', { enum: ['online', 'offline'] }).notNull(),
    reason: text('reason'),
    attributes: jsonb('attributes'),
    sourcePartition: integer('source_partition').notNull(),
    sourceOffset: bigint('source_offset', { mode: 'bigint' }).notNull(),
    feedEpoch: smallint('feed_epoch').notNull(),
    commitXid: xid8('commit_xid').notNull().default(sql`pg_current_xact_id()`),
    id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
  },
  (table) => [primaryKey({ columns: [table.receivedAt, table.sourcePartition, table.sourceOffset] })],
);

export const latestPositions = pgTable('latest_positions', {
  vehicle: integer('vehicle').primaryKey(),
  organisationId: integer('organisation_id').notNull(),
  lastContactAt: instant('last_contact_at').notNull(),
  clockOffsetMs: bigint('clock_offset_ms', { mode: 'bigint' }),
  lastReportAt: instant('last_report_at'),
  recordedAt: instant('recorded_at'),
  identity: bigint('identity', { mode: 'bigint' }),
  receivedAt: instant('received_at'),
  latitude: doublePrecision('latitude'),
  longitude: doublePrecision('longitude'),
  ignition: boolean('ignition'),
  satellites: integer('satellites'),
  sequence: bigint('sequence', { mode: 'bigint' }),
  altitudeM: doublePrecision('altitude_m'),
  speedKph: doublePrecision('speed_kph'),
  headingDeg: doublePrecision('heading_deg'),
  accuracyM: doublePrecision('accuracy_m'),
  hdop: doublePrecision('hdop'),
  odometerKm: doublePrecision('odometer_km'),
  fuelLevelPct: doublePrecision('fuel_level_pct'),
  driverId: text('driver_id'),
  events: jsonb('events'),
  attributes: jsonb('attributes'),
  status: text('status'),
  statusReason: text('status_reason'),
  statusReceivedAt: instant('status_received_at'),
  statusPartition: integer('status_partition'),
  statusOffset: bigint('status_offset', { mode: 'bigint' }),
});

export const latestSignals = pgTable(
  'latest_signals',
  {
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    name: text('name').notNull(),
    value: jsonb('value').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    identity: bigint('identity', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.vehicle, table.name] })],
);

export const dtcStates = pgTable(
  'dtc_states',
  {
    vehicle: integer('vehicle').notNull(),
    organisationId: integer('organisation_id').notNull(),
    dtc: text('dtc').notNull(),
    code: text('code'),
    spn: integer('spn'),
    fmi: integer('fmi'),
    oc: integer('oc'),
    status: text('status', { enum: ['active', 'pending', 'cleared', 'permanent'] }).notNull(),
    firstSeenAt: instant('first_seen_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    identity: bigint('identity', { mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.vehicle, table.dtc] })],
);

export const deadLetters = pgTable(
  'dead_letters',
  {
    topic: text('topic').notNull(),
    partition: integer('partition').notNull(),
    offset: bigint('offset', { mode: 'bigint' }).notNull(),
    at: instant('at').notNull().default(sql`now()`),
    organisationId: integer('organisation_id').notNull(),
    vehicleId: text('vehicle_id'),
    recordTimestamp: instant('record_timestamp').notNull(),
    recordKey: text('record_key'),
    headers: jsonb('headers').notNull().default({}),
    payload: bytea('payload').notNull(),
    errors: jsonb('errors').notNull(),
    errorCount: integer('error_count').notNull(),
    relayedAt: instant('relayed_at'),
    resolvedAt: instant('resolved_at'),
  },
  (table) => [primaryKey({ columns: [table.topic, table.partition, table.offset] })],
);
