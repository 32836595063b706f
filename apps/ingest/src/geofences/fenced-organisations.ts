import { sql } from '@milepost/database';
import type { Pool } from 'pg';
import type { IngestMetrics } from '../metrics.js';

const fencedOrganisations = sql('ingest/fenced-organisations');

/** Whose fixes may cross a geofence, as it was at the last look. Before the first look: nobody's. */
export class FencedOrganisations {
  readonly #pool: Pool;
  readonly #metrics: Pick<IngestMetrics, 'fencedOrganisations'>;
  #ids: ReadonlySet<number> = new Set();

  constructor(pool: Pool, metrics: Pick<IngestMetrics, 'fencedOrganisations'>) {
    this.#pool = pool;
    this.#metrics = metrics;
  }

  get ids(): ReadonlySet<number> {
    return this.#ids;
  }

  async look(): Promise<void> {
    const { rows } = await this.#pool.query<{ organisationId: number }>(fencedOrganisations);
    this.#ids = new Set(rows.map(({ organisationId }) => organisationId));
    this.#metrics.fencedOrganisations.set(this.#ids.size);
  }
}
