import type { RecordedBatch } from './recorded-batch.js';

/** An incident of a replay. The scope is a node's, or an organisation's where there is none. */
export interface ReplayedIncident {
  id: string;
  organisationId: number;
  node?: string;
  /** The partition that tends it. */
  partition: number;
  /** Log time. */
  openedAtMs: number;
  /** Time of that partition's clock. */
  openedClockMs: number;
  closed: boolean;
  closedAtMs?: number;
  /** Ids of all vehicles that ever belonged to it. */
  members: Set<string>;
}

/** The incidents that the storm guard opened, filled and closed, as batches recorded it. */
export class RecordedIncidents {
  readonly #incidents: Map<string, ReplayedIncident>;

  /** @param open those that were open before the first batch. */
  constructor(open: readonly ReplayedIncident[]) {
    this.#incidents = new Map(open.map((incident) => [incident.id, { ...incident, members: new Set(incident.members) }]));
  }

  /** @param idOf a vehicle's id by its number. */
  took({ partition, logTimeMs, clockMs, facts }: RecordedBatch, idOf: (vehicle: number) => string): void {
    for (const { id, organisationId, node, members } of facts.opened) {
      this.#incidents.set(id, {
        id,
        organisationId,
        ...(node !== null && { node }),
        partition,
        openedAtMs: logTimeMs ?? clockMs,
        openedClockMs: clockMs,
        closed: false,
        members: new Set(members.map(idOf)),
      });
    }
    for (const [id, vehicles] of facts.incidents) for (const vehicle of vehicles) this.#incidents.get(id)?.members.add(idOf(vehicle));
    for (const id of facts.closed) {
      const incident = this.#incidents.get(id);
      // Every partition with members hears of its end; the one that tends it is the first.
      if (incident === undefined || incident.closed) continue;
      incident.closed = true;
      incident.closedAtMs = Math.max(logTimeMs ?? clockMs, incident.openedAtMs);
    }
  }

  all(): ReplayedIncident[] {
    return [...this.#incidents.values()];
  }
}
