import type { DisconnectCause } from '@milepost/contracts';
import type { Effect } from '../effect.js';
import type { PresencePartition } from '../presence-partition.js';
import type { Suspect } from '../state/presence.js';
import { connectedTo, isAway, type VehicleState } from '../state/vehicle-state.js';
import { courseOf } from './incident-course.js';
import { causesCountedWith, connectedForNoStorm, isStorm, STORM_WINDOW_MS } from './storm-rule.js';
import type { StormSettings } from './storm-settings.js';

/** An incident as it is kept here; the scope is a node's, or an organisation's where there is none. */
export interface MemoryIncident {
  id: string;
  organisationId: number;
  node?: string;
  partition: number;
  openedAtMs: number;
  openedClockMs: number;
  mostlyBackClockMs?: number;
  closed: boolean;
  /** Log time. */
  closedAtMs?: number;
  members: Set<string>;
  /** Members whose open alert it speaks for. */
  adopted: Set<string>;
}

/** Of an organisation; on a node all that it serves are counted. */
type Scope = Pick<MemoryIncident, 'organisationId' | 'node'>;

type OpenOffline = Pick<VehicleState, 'vehicleId' | 'organisationId'> & { openedAtMs: number };

/** The storm guard over partitions in memory: what alerts does with rows, this does with values, by the same rules (`storm-rule.ts`, `incident-course.ts`). */
export class MemoryStorm {
  readonly incidents: MemoryIncident[] = [];
  readonly #partitions: () => readonly PresencePartition[];
  readonly #settings: StormSettings;
  readonly #openAlerts = new Map<string, OpenOffline>();

  /** @param partitions all of the installation as they are now. */
  constructor(partitions: () => readonly PresencePartition[], settings: StormSettings) {
    this.#partitions = partitions;
    this.#settings = settings;
  }

  /** The incident that a suspect who is due is a member of, which is opened where many were lost with it. */
  incidentOf(
    { organisationId, vehicleId }: VehicleState,
    loss: Suspect,
    presence: PresencePartition,
    partition: number,
  ): string | undefined {
    const covers = (incident: MemoryIncident) =>
      !incident.closed && incident.organisationId === organisationId && (incident.node === undefined || incident.node === loss.node);
    const incident =
      this.incidents.find(covers) ??
      this.#detect({ organisationId, node: loss.node }, loss, presence, partition) ??
      this.#detect({ organisationId }, loss, presence, partition);
    incident?.members.add(vehicleId);
    return incident?.id;
  }

  /** Whether an incident that is open has its offline alert. */
  speaksFor(vehicleId: string): boolean {
    return this.incidents.some(({ closed, adopted }) => !closed && adopted.has(vehicleId));
  }

  /** Carries on the incidents that were opened from this partition. @returns those that are over now. */
  tend({ clock }: PresencePartition, partition: number): string[] {
    const over: string[] = [];
    for (const incident of this.incidents) {
      if (incident.closed || incident.partition !== partition) continue;
      const { openedClockMs, mostlyBackClockMs, members } = incident;
      const away = [...members].filter((vehicleId) => this.#partitions().some((one) => isAwayIn(one, vehicleId))).length;
      const atHand = {
        openedClockMs,
        vehicles: members.size,
        returned: members.size - away,
        ...(mostlyBackClockMs !== undefined && { mostlyBackClockMs }),
      };
      const course = courseOf(atHand, clock.clockMs, this.#settings.limits);
      if (course.kind === 'open') {
        delete incident.mostlyBackClockMs;
        if (course.mostlyBackClockMs !== undefined) incident.mostlyBackClockMs = course.mostlyBackClockMs;
        continue;
      }
      incident.closed = true;
      incident.closedAtMs = Math.max(clock.logTimeMs ?? clock.clockMs, incident.openedAtMs);
      over.push(incident.id);
    }
    return over;
  }

  /** Alerts that opened shortly before an incident join it. */
  opened(alert: OpenOffline): void {
    this.#openAlerts.set(alert.vehicleId, alert);
  }

  /** What the machine did: the guard must know which offline alerts are open. */
  took(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'open_alert' && effect.type === 'offline') this.opened(effect);
      if (effect.kind !== 'resolve_alert' || effect.type !== 'offline') continue;
      this.#openAlerts.delete(effect.vehicleId);
      for (const { adopted } of this.incidents) adopted.delete(effect.vehicleId);
    }
  }

  #detect(
    scope: Scope,
    { sinceMs: lostAtMs, cause }: Suspect,
    { clock }: PresencePartition,
    partition: number,
  ): MemoryIncident | undefined {
    const lostThen = this.#awayWith(scope, lostAtMs, causesCountedWith(cause));
    // Too few, as nearly always: then it does not matter how many were connected.
    if (lostThen.length <= this.#settings.minimum) return undefined;
    const counts = [{ atMs: Math.floor(lostAtMs / 1_000) * 1_000, away: lostThen.length }];
    const connectedBefore = this.#connectedBefore(scope, lostAtMs, connectedForNoStorm(lostThen.length));
    if (!isStorm({ counts, connectedBefore }, lostAtMs, this.#settings.minimum)) return undefined;
    const openedAtMs = clock.logTimeMs ?? clock.clockMs;
    const adopted = [...this.#openAlerts.values()].filter(
      (alert) =>
        alert.organisationId === scope.organisationId &&
        alert.openedAtMs >= openedAtMs - STORM_WINDOW_MS &&
        !this.speaksFor(alert.vehicleId) &&
        this.#wasLostOn(alert.vehicleId, scope.node),
    );
    const incident: MemoryIncident = {
      id: `incident-${this.incidents.length + 1}`,
      ...scope,
      partition,
      openedAtMs,
      openedClockMs: clock.clockMs,
      closed: false,
      members: new Set(
        [...lostThen.filter(({ organisationId }) => organisationId === scope.organisationId), ...adopted].map(({ vehicleId }) => vehicleId),
      ),
      adopted: new Set(adopted.map(({ vehicleId }) => vehicleId)),
    };
    this.incidents.push(incident);
    return incident;
  }

  /** Who was lost at that time, in the same way, and is still away. A node may serve several organisations, and all are counted. */
  #awayWith(scope: Scope, lostAtMs: number, causes: readonly DisconnectCause[]): VehicleState[] {
    return this.#partitions().flatMap((one) =>
      one.away().filter((vehicle) => {
        const { presence } = vehicle;
        return wasLostNear(vehicle, lostAtMs) && isLostIn(vehicle, scope) && 'cause' in presence && causes.includes(presence.cause);
      }),
    );
  }

  /** How many were connected before, counted up to `enough`. */
  #connectedBefore(scope: Scope, lostAtMs: number, enough: number): number {
    let count = 0;
    for (const vehicle of this.#vehicles()) {
      if (count >= enough) break;
      const was = wasLostNear(vehicle, lostAtMs) ? isLostIn(vehicle, scope) : isConnectedIn(vehicle, scope);
      if (was) count += 1;
    }
    return count;
  }

  #wasLostOn(vehicleId: string, node: string | undefined): boolean {
    return node === undefined || this.#partitions().some((one) => one.vehicle(vehicleId)?.lastLoss?.node === node);
  }

  *#vehicles(): Generator<VehicleState> {
    for (const partition of this.#partitions()) yield* partition.vehicles();
  }
}

function wasLostNear({ lastLoss }: VehicleState, lostAtMs: number): boolean {
  return lastLoss !== undefined && Math.abs(lastLoss.atMs - lostAtMs) <= STORM_WINDOW_MS;
}

function isLostIn({ organisationId, lastLoss }: VehicleState, scope: Scope): boolean {
  return scope.node === undefined ? organisationId === scope.organisationId : lastLoss?.node === scope.node;
}

function isConnectedIn(vehicle: VehicleState, scope: Scope): boolean {
  const node = connectedTo(vehicle);
  return node !== undefined && (scope.node === undefined ? vehicle.organisationId === scope.organisationId : node === scope.node);
}

function isAwayIn(presence: PresencePartition, vehicleId: string): boolean {
  const vehicle = presence.vehicle(vehicleId);
  return vehicle !== undefined && isAway(vehicle);
}
