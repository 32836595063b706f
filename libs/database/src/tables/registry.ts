import type { Pool } from 'pg';
import { sql } from '../statements/sql.js';

const resolveVehicles = sql('registry/resolve-vehicles');
const resolveOrganisations = sql('registry/resolve-organisations');
const withVehicles = sql('registry/organisations-with-vehicles');

/** What becomes of a vehicle id that is seen for the first time. */
export type RegistryPolicy = 'auto' | 'pending' | 'refuse';

export interface Claim {
  vehicleId: string;
  organisation: string;
}

export type Resolution =
  | { kind: 'bound'; vehicle: number; organisationId: number }
  /** The id belongs to another organisation: the claim changes nothing. */
  | { kind: 'wrong_organisation' }
  | { kind: 'pending' }
  | { kind: 'refused' };

interface Binding {
  vehicle: number;
  organisationId: number;
  registration: string;
}

export interface RegistryOptions {
  pool: Pool;
  policy: RegistryPolicy;
  /** Bindings kept in memory; the oldest goes first. A million take about 150 MB. */
  cacheSize?: number;
}

/** Vehicle ids and organisation names → the compact ids of all tables, through a cache. Only bindings that can no longer change are cached. */
export class Registry {
  readonly #pool: Pool;
  readonly #policy: RegistryPolicy;
  readonly #cacheSize: number;
  readonly #vehicles = new Map<string, Binding>();
  readonly #organisations = new Map<string, number>();

  constructor({ pool, policy, cacheSize = 1_000_000 }: RegistryOptions) {
    this.#pool = pool;
    this.#policy = policy;
    this.#cacheSize = cacheSize;
  }

  /** Id of each named organisation. In statements of its own, committed at once: a roll-back of the caller must not undo what is cached. */
  async organisations(names: Iterable<string>): Promise<ReadonlyMap<string, number>> {
    const missing = [...new Set(names)].filter((name) => !this.#organisations.has(name)).sort();
    await retryUntilSeen(missing, async (rest) => {
      const { rows } = await this.#pool.query<{ id: number; name: string }>({ ...resolveOrganisations, values: [rest] });
      for (const row of rows) this.#organisations.set(row.name, row.id);
      return rest.filter((name) => !this.#organisations.has(name));
    });
    return this.#organisations;
  }

  /** What each claim comes to, in the order of the claims. Registers ids on first sight as the policy says. */
  async resolve(claims: readonly Claim[]): Promise<Resolution[]> {
    // Looked up once: while Postgres is asked about the others, the cache may forget it.
    const known = claims.map(({ vehicleId }) => this.#vehicles.get(vehicleId));
    const unknown = new Map<string, Claim>();
    // Of two claims to a new id the first one is the first sight.
    for (const [index, claim] of claims.entries()) {
      if (known[index] === undefined && !unknown.has(claim.vehicleId)) unknown.set(claim.vehicleId, claim);
    }
    const fetched = unknown.size === 0 ? new Map<string, Binding>() : await this.#fetch([...unknown.values()]);
    await this.organisations(claims.map((claim) => claim.organisation));
    return claims.map((claim, index) => this.#judge(claim, known[index] ?? fetched.get(claim.vehicleId)));
  }

  #judge({ organisation }: Claim, binding: Binding | undefined): Resolution {
    if (binding === undefined) return { kind: 'refused' };
    if (binding.organisationId !== this.#organisations.get(organisation)) return { kind: 'wrong_organisation' };
    if (binding.registration === 'active') return { kind: 'bound', vehicle: binding.vehicle, organisationId: binding.organisationId };
    return { kind: binding.registration === 'pending' ? 'pending' : 'refused' };
  }

  async #fetch(claims: Claim[]): Promise<Map<string, Binding>> {
    await this.organisations(claims.map((claim) => claim.organisation));
    const found = new Map<string, Binding>();
    const byId = new Map(claims.map((claim) => [claim.vehicleId, claim]));
    const registration = this.#policy === 'auto' ? 'active' : this.#policy === 'pending' ? 'pending' : null;
    await retryUntilSeen([...byId.keys()].sort(), async (ids) => {
      const organisations = ids.map((id) => byId.get(id)?.organisation);
      const { rows } = await this.#pool.query<{ vehicle_id: string; id: number; organisation_id: number; registration: string }>({
        ...resolveVehicles,
        values: [ids, organisations, registration],
      });
      for (const row of rows) {
        const binding = { vehicle: row.id, organisationId: row.organisation_id, registration: row.registration };
        found.set(row.vehicle_id, binding);
        if (binding.registration === 'active') this.#remember(row.vehicle_id, binding);
      }
      return registration === null ? [] : ids.filter((id) => !found.has(id));
    });
    return found;
  }

  #remember(vehicleId: string, binding: Binding): void {
    if (this.#vehicles.size >= this.#cacheSize) {
      const oldest = this.#vehicles.keys().next();
      if (!oldest.done) this.#vehicles.delete(oldest.value);
    }
    this.#vehicles.set(vehicleId, binding);
  }
}

/** As the owner: whether an organisation has a vehicle, and the names of some others that have one. */
export async function vehiclesOfOrganisation(owner: Pool, name: string, most: number): Promise<{ hasVehicle: boolean; others: string[] }> {
  const { rows } = await owner.query<{ name: string }>({ ...withVehicles, values: [name, most + 1] });
  const others = rows.map((row) => row.name).filter((other) => other !== name);
  return { hasVehicle: rows[0]?.name === name, others: others.slice(0, most) };
}

/** A row that another process inserted meanwhile is in conflict but not in the statement's snapshot: the next look finds it. */
async function retryUntilSeen(keys: string[], look: (rest: string[]) => Promise<string[]>): Promise<void> {
  let rest = keys;
  for (let attempt = 0; rest.length > 0; attempt += 1) {
    if (attempt === 5) throw new Error(`The registry does not answer for ${rest.slice(0, 5).join(', ')}`);
    rest = await look(rest);
  }
}
