import type { Effect, OpenAlert } from '../effect.js';
import { mayBeJudged } from '../judge.js';
import type { Policies } from '../policy/policies.js';
import type { Suspect } from '../presence.js';
import { type PresenceEvent, PresencePartition } from '../presence-partition.js';
import { isAway, type VehicleState } from '../vehicle-state.js';
import { courseOf, type IncidentLimits } from './incident-course.js';
import { causesCountedWith, isStorm, type LossCount, STORM_WINDOW_MS } from './storm-rule.js';

const MAX_JUDGED = 10_000;

/** An incident as this fleet keeps it; the scope is a node's, or an organisation's where there is none. */
export interface MemoryIncident {
  id: string;
  organisationId: number;
  node?: string;
  partition: number;
  openedClockMs: number;
  mostlyBackClockMs?: number;
  closed: boolean;
  members: Set<string>;
}

/**
 * All presence partitions of an installation without a database: what alerts does with rows, this does with values. It follows the same
 * machine and the same rules (`storm-rule.ts`, `incident-course.ts`), for simulations and tests.
 */
export class FleetInMemory {
  readonly partitions: PresencePartition[];
  readonly incidents: MemoryIncident[] = [];
  readonly #limits: IncidentLimits;
  readonly #minimum: number;
  readonly #openAlerts = new Map<string, OpenAlert>();

  constructor(partitions: number, policies: Policies, { minimum = 20, limits = { settledMs: 300_000, maxMs: 1_200_000 } } = {}) {
    this.partitions = Array.from({ length: partitions }, () => new PresencePartition(policies));
    this.#minimum = minimum;
    this.#limits = limits;
  }

  apply(partition: number, event: PresenceEvent): Effect[] {
    return this.#took(this.partitions[partition]?.apply(event) ?? []);
  }

  /** Judges what is due everywhere, and carries incidents on. */
  judge(): Effect[] {
    return this.partitions.flatMap((presence, partition) => this.#judge(presence, partition));
  }

  #judge(presence: PresencePartition, partition: number): Effect[] {
    const { clock } = presence;
    const logTimeMs = clock.logTimeMs ?? clock.clockMs;
    const consumedToMs = this.#consumedTo(presence);
    const due = presence.takeDue(MAX_JUDGED);
    const ready = due.filter(
      ({ presence: now }) =>
        now.kind === 'suspect' && now.dueAtMs <= clock.clockMs && !now.atOnce && mayBeJudged(now, consumedToMs, logTimeMs),
    );
    const incidents = new Map(
      ready.flatMap((vehicle) =>
        vehicle.presence.kind === 'suspect' ? this.#incidentOf(vehicle, vehicle.presence, presence, partition) : [],
      ),
    );
    const effects = due.flatMap((vehicle) => {
      const incidentId = incidents.get(vehicle.vehicleId);
      return presence.judge(vehicle, {
        ...(consumedToMs !== undefined && { consumedToMs }),
        ...(incidentId !== undefined && { incidentId }),
        report: {},
      });
    });
    return this.#took([...effects, ...this.#tend(presence, partition)]);
  }

  #consumedTo(presence: PresencePartition): number | undefined {
    const others = this.partitions.filter((other) => other !== presence).map(({ clock }) => clock.logTimeMs);
    return others.some((time) => time === undefined) ? undefined : Math.min(Number.POSITIVE_INFINITY, ...others.map((time) => time ?? 0));
  }

  #incidentOf(
    { organisationId, vehicleId }: VehicleState,
    loss: Suspect,
    presence: PresencePartition,
    partition: number,
  ): [string, string][] {
    const covers = (incident: MemoryIncident) =>
      !incident.closed && incident.organisationId === organisationId && (incident.node === undefined || incident.node === loss.node);
    const incident =
      this.incidents.find(covers) ??
      this.#detect({ organisationId, node: loss.node }, loss, presence, partition) ??
      this.#detect({ organisationId }, loss, presence, partition);
    if (incident === undefined) return [];
    incident.members.add(vehicleId);
    return [[vehicleId, incident.id]];
  }

  #detect(
    scope: { organisationId: number; node?: string },
    { sinceMs: lostAtMs, cause }: Suspect,
    { clock }: PresencePartition,
    partition: number,
  ): MemoryIncident | undefined {
    const seconds = new Map<number, LossCount>();
    let steady = 0;
    const lostThen: VehicleState[] = [];
    const causes = causesCountedWith(cause);
    for (const vehicle of this.#vehicles()) {
      const { lastLoss, connections } = vehicle;
      // A node may serve several organisations, and all are counted.
      if (scope.node === undefined && vehicle.organisationId !== scope.organisationId) continue;
      const near = lastLoss !== undefined && Math.abs(lastLoss.atMs - lostAtMs) <= STORM_WINDOW_MS;
      if (near && (scope.node === undefined || lastLoss.node === scope.node)) {
        const atMs = Math.floor(lastLoss.atMs / 1_000) * 1_000;
        const count = seconds.get(atMs) ?? { atMs, lost: 0, away: 0 };
        const counts = isAway(vehicle) && 'cause' in vehicle.presence && causes.includes(vehicle.presence.cause);
        seconds.set(atMs, { atMs, lost: count.lost + 1, away: count.away + (counts ? 1 : 0) });
        if (counts && vehicle.organisationId === scope.organisationId) lostThen.push(vehicle);
      } else if (vehicle.presence.kind === 'online' && (scope.node === undefined || connections.at(-1)?.node === scope.node)) steady += 1;
    }
    if (!isStorm({ counts: [...seconds.values()], steady }, lostAtMs, this.#minimum)) return undefined;
    const openedAtMs = clock.logTimeMs ?? clock.clockMs;
    const adopted = [...this.#openAlerts.values()].filter(
      (alert) =>
        alert.organisationId === scope.organisationId &&
        alert.openedAtMs >= openedAtMs - STORM_WINDOW_MS &&
        this.#wasLostOn(alert.vehicleId, scope.node),
    );
    const incident: MemoryIncident = {
      id: `incident-${this.incidents.length + 1}`,
      ...scope,
      partition,
      openedClockMs: clock.clockMs,
      closed: false,
      members: new Set([...lostThen, ...adopted].map(({ vehicleId }) => vehicleId)),
    };
    this.incidents.push(incident);
    return incident;
  }

  #tend({ clock }: PresencePartition, partition: number): Effect[] {
    const effects: Effect[] = [];
    for (const incident of this.incidents) {
      if (incident.closed || incident.partition !== partition) continue;
      const { openedClockMs, mostlyBackClockMs, members } = incident;
      const away = [...members].filter((vehicleId) => this.partitions.some((one) => isAwayIn(one, vehicleId))).length;
      const atHand = {
        openedClockMs,
        vehicles: members.size,
        returned: members.size - away,
        ...(mostlyBackClockMs !== undefined && { mostlyBackClockMs }),
      };
      const course = courseOf(atHand, clock.clockMs, this.#limits);
      if (course.kind === 'open') {
        delete incident.mostlyBackClockMs;
        if (course.mostlyBackClockMs !== undefined) incident.mostlyBackClockMs = course.mostlyBackClockMs;
        continue;
      }
      incident.closed = true;
      for (const presence of this.partitions) effects.push(...presence.closeIncident(incident.id));
    }
    return effects;
  }

  #wasLostOn(vehicleId: string, node: string | undefined): boolean {
    return node === undefined || this.partitions.some((one) => one.vehicle(vehicleId)?.lastLoss?.node === node);
  }

  *#vehicles(): Generator<VehicleState> {
    for (const partition of this.partitions) yield* partition.vehicles();
  }

  #took(effects: Effect[]): Effect[] {
    for (const effect of effects) {
      if (effect.kind === 'open_alert' && effect.type === 'offline') this.#openAlerts.set(effect.vehicleId, effect);
      if (effect.kind === 'resolve_alert' && effect.type === 'offline') this.#openAlerts.delete(effect.vehicleId);
    }
    return effects;
  }
}

function isAwayIn(presence: PresencePartition, vehicleId: string): boolean {
  const vehicle = presence.vehicle(vehicleId);
  return vehicle !== undefined && isAway(vehicle);
}
