import { sql } from '@milepost/database';
import type { Pool } from 'pg';

const fencedOrganisations = sql('ingest/fenced-organisations');

/** Whose fixes may cross a geofence, as it was at the last look. Before the first look: nobody's. */
export class FencedOrganisations {
  readonly #pool: Pool;
  #ids: ReadonlySet<number> = new Set();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  get ids(): ReadonlySet<number> {
    return this.#ids;
  }

  async look(): Promise<void> {
    const { rows } = await this.#pool.query<{ organisationId: number }>(fencedOrganisations);
    this.#ids = new Set(rows.map(({ organisationId }) => organisationId));
  }
}
