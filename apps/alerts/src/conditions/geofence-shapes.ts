import type { GeofenceShape } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { PoolClient } from 'pg';

const geofenceShapes = sql('conditions/geofence-shapes');

/** Of those that were asked for last. An organisation has 200. */
const MAX_SHAPES = 2_000;

export interface FenceVersion {
  id: string;
  /** Another one after each change of the fence's row. */
  version: string;
}

interface KnownShape {
  version: string;
  shape: GeofenceShape;
}

/** Shapes of geofences, which are large and do not change: each version is read and parsed once, and its bounding box reckoned once. */
export class GeofenceShapes {
  readonly #known = new Map<string, KnownShape>();
  readonly #limit: number;

  constructor(limit = MAX_SHAPES) {
    this.#limit = limit;
  }

  /** By fence. One that was deleted or changed since its version was read is missing. */
  async of(client: Pick<PoolClient, 'query'>, fences: readonly FenceVersion[]): Promise<ReadonlyMap<string, GeofenceShape>> {
    const unknown = fences.filter(({ id, version }) => this.#known.get(id)?.version !== version).map(({ id }) => id);
    if (unknown.length > 0) {
      const { rows } = await client.query<FenceVersion & KnownShape>({ ...geofenceShapes, values: [unknown] });
      for (const { id, version, shape } of rows) this.#known.set(id, { version, shape });
    }
    const found = new Map<string, GeofenceShape>();
    for (const { id, version } of fences) {
      const known = this.#known.get(id);
      if (known === undefined || known.version !== version) continue;
      found.set(id, known.shape);
      // Behind all others: what was not asked for is forgotten first.
      this.#known.delete(id);
      this.#known.set(id, known);
    }
    for (const id of this.#known.keys()) {
      if (this.#known.size <= this.#limit) break;
      this.#known.delete(id);
    }
    return found;
  }
}
