import { type ConnectedCount, ConnectedCounts } from './connected-counts.js';
import { DeadlineQueue } from './deadline-queue.js';
import { isAway, nextDueAtMs, type VehicleState } from './vehicle-state.js';

/** The vehicles of a partition, and who among them is due, away, in an incident, connected where: kept with each change, for there may be 100,000. */
export class VehicleIndex {
  readonly #byId = new Map<string, VehicleState>();
  readonly #deadlines = new DeadlineQueue();
  readonly #connected = new ConnectedCounts();
  /** Online, with something to fall back to. */
  readonly #unproved = new Set<string>();
  readonly #away = new Set<string>();
  readonly #members = new Map<string, Set<string>>();

  get(vehicleId: string): VehicleState | undefined {
    return this.#byId.get(vehicleId);
  }

  all(): IterableIterator<VehicleState> {
    return this.#byId.values();
  }

  /** Of these ids the vehicles that there are, as they are now. */
  some(vehicleIds: Iterable<string>): VehicleState[] {
    return [...vehicleIds].map((vehicleId) => this.#byId.get(vehicleId)).filter((vehicle) => vehicle !== undefined);
  }

  /** Deadlines that are armed. */
  get deadlines(): number {
    return this.#deadlines.size;
  }

  /** False where no deadline is over at `clockMs`. */
  mayBeDue(clockMs: number): boolean {
    return this.#deadlines.mayBeDue(clockMs);
  }

  /** Vehicles whose deadline is over at `clockMs`; it is disarmed with that. */
  takeDue(clockMs: number, limit: number): VehicleState[] {
    return this.some(this.#deadlines.takeDue(clockMs, limit));
  }

  /** Suspect or offline. */
  away(): VehicleState[] {
    return this.some(this.#away);
  }

  /** Ids of those that are online and may have to fall back. */
  unproved(): Iterable<string> {
    return this.#unproved;
  }

  /** Incidents that have members here. */
  incidents(): string[] {
    return [...this.#members.keys()];
  }

  membersOf(incidentId: string): VehicleState[] {
    return this.some(this.#members.get(incidentId) ?? []);
  }

  /** False where nobody came or went since `takeConnectedChanges`. */
  get mayHaveMoved(): boolean {
    return this.#connected.mayHaveChanged;
  }

  /** How many are connected where, as far as it has changed since this was asked last. */
  takeConnectedChanges(): ConnectedCount[] {
    return this.#connected.takeChanges();
  }

  /** Takes the place of the vehicle's state of before. */
  put(vehicle: VehicleState): void {
    const { vehicleId, presence } = vehicle;
    const before = this.#byId.get(vehicleId);
    this.#byId.set(vehicleId, vehicle);
    this.#connected.move(before, vehicle);
    const dueAtMs = nextDueAtMs(vehicle);
    if (dueAtMs === undefined) this.#deadlines.disarm(vehicleId);
    else this.#deadlines.arm(vehicleId, dueAtMs);
    if (presence.kind === 'online' && presence.rest !== undefined) this.#unproved.add(vehicleId);
    else this.#unproved.delete(vehicleId);
    if (isAway(vehicle)) this.#away.add(vehicleId);
    else this.#away.delete(vehicleId);
    this.#moveMember(vehicleId, before && incidentOf(before), incidentOf(vehicle));
  }

  #moveMember(vehicleId: string, left: string | undefined, joined: string | undefined): void {
    if (left === joined) return;
    if (left !== undefined) {
      const members = this.#members.get(left);
      members?.delete(vehicleId);
      if (members?.size === 0) this.#members.delete(left);
    }
    if (joined !== undefined) this.#members.set(joined, (this.#members.get(joined) ?? new Set()).add(vehicleId));
  }
}

function incidentOf({ presence }: VehicleState): string | undefined {
  return presence.kind === 'offline' && presence.notice.kind === 'incident' ? presence.notice.incidentId : undefined;
}
