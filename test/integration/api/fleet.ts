import { schema } from '@milepost/database';
import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';

const s = schema;
let counter = 0n;
const next = () => {
  counter += 1n;
  return counter;
};

/** Puts rows where ingest, alerts and webhooks would, as the owner, for one organisation. */
export class Fleet {
  private constructor(
    readonly db: NodePgDatabase,
    readonly organisationId: number,
  ) {}

  static async of(owner: pg.Pool, organisation: string): Promise<Fleet> {
    const db = drizzle(owner);
    await db.insert(s.organisations).values({ name: organisation }).onConflictDoNothing();
    const [row] = await db.select().from(s.organisations).where(sql`name = ${organisation}`);
    if (!row) throw new Error(`Organisation ${organisation} could not be made`);
    return new Fleet(db, row.id);
  }

  async vehicle(vehicleId: string, more: Partial<typeof s.vehicles.$inferInsert> = {}): Promise<number> {
    const [row] = await this.db
      .insert(s.vehicles)
      .values({ vehicleId, organisationId: this.organisationId, ...more })
      .returning();
    if (!row) throw new Error(`Vehicle ${vehicleId} could not be made`);
    return row.id;
  }

  async location(vehicle: number, recordedAt: Date, more: Partial<typeof s.locations.$inferInsert> = {}): Promise<bigint> {
    const identity = more.identity ?? next();
    await this.#ensurePartition('locations', recordedAt);
    await this.db.insert(s.locations).values({
      vehicle,
      organisationId: this.organisationId,
      recordedAt,
      receivedAt: new Date(recordedAt.getTime() + 250),
      identity,
      latitude: 52.5,
      longitude: 13.4,
      fixValid: true,
      sourcePartition: 0,
      sourceOffset: identity,
      feedEpoch: 1,
      ...more,
    });
    return identity;
  }

  async diagnostics(vehicle: number, recordedAt: Date, more: Partial<typeof s.diagnostics.$inferInsert> = {}): Promise<void> {
    await this.#ensurePartition('diagnostics', recordedAt);
    await this.db.insert(s.diagnostics).values({
      vehicle,
      organisationId: this.organisationId,
      recordedAt,
      receivedAt: recordedAt,
      identity: next(),
      sourcePartition: 0,
      sourceOffset: next(),
      feedEpoch: 1,
      ...more,
    });
  }

  async statusReport(vehicle: number, receivedAt: Date, more: Partial<typeof s.statusReports.$inferInsert> = {}): Promise<void> {
    await this.#ensurePartition('status_reports', receivedAt);
    await this.db.insert(s.statusReports).values({
      vehicle,
      organisationId: this.organisationId,
      receivedAt,
      status: 'online',
      sourcePartition: 0,
      sourceOffset: next(),
      feedEpoch: 1,
      ...more,
    });
  }

  async latestPosition(vehicle: number, more: Partial<typeof s.latestPositions.$inferInsert> = {}): Promise<void> {
    const at = new Date('2026-11-24T06:00:00.250Z');
    await this.db.insert(s.latestPositions).values({
      vehicle,
      organisationId: this.organisationId,
      lastContactAt: at,
      recordedAt: new Date('2026-11-24T06:00:00Z'),
      receivedAt: at,
      identity: next(),
      latitude: 52.5,
      longitude: 13.4,
      ...more,
    });
  }

  async alert(more: Partial<typeof s.alerts.$inferInsert> = {}): Promise<string> {
    const [row] = await this.db
      .insert(s.alerts)
      .values({ organisationId: this.organisationId, type: 'offline', status: 'open', severity: 'warning', openedAt: new Date(), ...more })
      .returning();
    if (!row) throw new Error('The alert could not be made');
    return row.id;
  }

  async event(type = 'alert.opened'): Promise<{ eventId: string; id: bigint }> {
    const [row] = await this.db
      .insert(s.outbox)
      .values({ organisationId: this.organisationId, type, subject: sql`uuidv7()`, recordKey: 'truck-1', body: '{}' })
      .returning();
    if (!row) throw new Error('The event could not be made');
    return { eventId: row.eventId, id: row.id };
  }

  async delivery(endpointId: string, more: Partial<typeof s.webhookDeliveries.$inferInsert> = {}): Promise<string> {
    const { eventId, id } = await this.event();
    const [row] = await this.db
      .insert(s.webhookDeliveries)
      .values({
        organisationId: this.organisationId,
        endpointId,
        eventId,
        eventType: 'alert.opened',
        subject: sql`uuidv7()`,
        sequence: id,
        ...more,
      })
      .returning();
    if (!row) throw new Error('The delivery could not be made');
    return row.id;
  }

  async connectionAttempt(at: Date, more: Partial<typeof s.connectionAttempts.$inferInsert> = {}): Promise<void> {
    await this.db.insert(s.connectionAttempts).values({
      organisationId: this.organisationId,
      sourcePartition: 0,
      sourceOffset: next(),
      at,
      address: '192.0.2.7',
      reason: 'expired',
      remedy: 'Issue a new one.',
      node: 'broker-1',
      epoch: 1n,
      counter: next(),
      ...more,
    });
  }

  async deadLetter(at: Date, more: Partial<typeof s.deadLetters.$inferInsert> = {}): Promise<void> {
    await this.db.insert(s.deadLetters).values({
      organisationId: this.organisationId,
      topic: 'fleet.location',
      partition: 3,
      offset: next(),
      at,
      vehicleId: 'truck-1',
      recordTimestamp: at,
      payload: Buffer.from('{"latitude":91}'),
      errors: [{ code: 'invalid_field', pointer: '/latitude', message: 'must be <= 90' }],
      errorCount: 1,
      ...more,
    });
  }

  async #ensurePartition(table: string, at: Date): Promise<void> {
    await this.db.execute(sql`select ensure_partition(${table}, ${at.toISOString().slice(0, 10)}::date)`);
  }
}
