import type { IngestScope } from './ingest-scope.js';

export interface StoredDeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly errors: { code: string; pointer: string }[];
  readonly error_count: number;
  readonly payload: Buffer;
  readonly resolved_at: Date | null;
  readonly organisation: string;
}

/** What ingest has made of a vehicle's records. */
export class StoredItems {
  constructor(private readonly ingest: IngestScope) {}

  /** In the order in which they were recorded. */
  locationsOf(vehicle: string): Promise<Record<string, unknown>[]> {
    return this.ingest.rows(
      'select l.* from locations l join vehicles v on v.id = l.vehicle where v.vehicle_id = $1 order by recorded_at, identity',
      [vehicle],
    );
  }

  async latestOf(vehicle: string): Promise<Record<string, unknown> | undefined> {
    const [latest] = await this.ingest.rows<Record<string, unknown>>(
      'select p.* from latest_positions p join vehicles v on v.id = p.vehicle where v.vehicle_id = $1',
      [vehicle],
    );
    return latest;
  }

  /** Null: of records that name no vehicle. */
  deadLettersOf(vehicle: string | null): Promise<StoredDeadLetter[]> {
    return this.ingest.rows(
      'select d.*, o.name as organisation from dead_letters d join organisations o on o.id = d.organisation_id where d.vehicle_id is not distinct from $1 order by "offset"',
      [vehicle],
    );
  }
}

/** When the test file began. */
export const now = Date.now();

export const fix = (minutesAgo: number, more: object = {}) => ({
  recordedAt: now - minutesAgo * 60_000,
  latitude: 51.5,
  longitude: 7.25,
  ...more,
});
