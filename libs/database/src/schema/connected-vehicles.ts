import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

// Mirrors migrations/0024_connected_vehicles.sql, which alone makes the table: indexes and policies stand there.

export const connectedVehicles = pgTable(
  'connected_vehicles',
  {
    node: text('node').notNull(),
    organisationId: integer('organisation_id').notNull(),
    presencePartition: integer('presence_partition').notNull(),
    vehicles: integer('vehicles').notNull(),
  },
  (table) => [primaryKey({ columns: [table.node, table.organisationId, table.presencePartition] })],
);
