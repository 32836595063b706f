import { connectedTo, type VehicleState } from './vehicle-state.js';

/** Vehicles of one presence partition that are online, by their organisation and the node of their newest connection. */
export interface ConnectedCount {
  organisationId: number;
  node: string;
  vehicles: number;
}

/** How many vehicles are connected where, carried on with every step, so that nobody has to count them. */
export class ConnectedCounts {
  readonly #counts = new Map<string, ConnectedCount>();
  /** Counts that have moved, with what they were when changes were last taken. */
  readonly #before = new Map<string, number>();

  move(before: VehicleState | undefined, vehicle: VehicleState): void {
    const left = before && connectedTo(before);
    const joined = connectedTo(vehicle);
    if (left === joined) return;
    if (left !== undefined) this.#add(vehicle.organisationId, left, -1);
    if (joined !== undefined) this.#add(vehicle.organisationId, joined, 1);
  }

  /** Whether `takeChanges` has something to look at; that may turn out to be as it was. */
  get mayHaveChanged(): boolean {
    return this.#before.size > 0;
  }

  /** Counts that are not what they were when this was last asked; a node that nobody is connected to any more has 0 once. */
  takeChanges(): ConnectedCount[] {
    const changes: ConnectedCount[] = [];
    for (const [key, vehiclesBefore] of this.#before) {
      const count = this.#counts.get(key);
      if (count === undefined) continue;
      if (count.vehicles !== vehiclesBefore) changes.push({ ...count });
      if (count.vehicles === 0) this.#counts.delete(key);
    }
    this.#before.clear();
    return changes;
  }

  #add(organisationId: number, node: string, vehicles: 1 | -1): void {
    const key = `${organisationId}/${node}`;
    const count = this.#counts.get(key) ?? { organisationId, node, vehicles: 0 };
    if (!this.#before.has(key)) this.#before.set(key, count.vehicles);
    count.vehicles += vehicles;
    this.#counts.set(key, count);
  }
}
