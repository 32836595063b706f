import type { Effect } from '../effect.js';
import type { Policies } from '../policy/policies.js';
import { type PresenceEvent, PresencePartition } from '../presence-partition.js';
import { type Judgeable, readyToBeJudged } from '../transitions/judge.js';
import { consumedToMs } from './consumed-to.js';
import { type MemoryIncident, MemoryStorm } from './memory-storm.js';

/** All presence partitions of an installation without a database, for simulations and tests. */
export class FleetInMemory {
  readonly partitions: PresencePartition[];
  readonly #storm: MemoryStorm;

  constructor(partitions: number, policies: Policies, { minimum = 20, limits = { settledMs: 300_000, maxMs: 1_200_000 } } = {}) {
    this.partitions = Array.from({ length: partitions }, () => new PresencePartition(policies));
    this.#storm = new MemoryStorm(() => this.partitions, { minimum, limits });
  }

  get incidents(): readonly MemoryIncident[] {
    return this.#storm.incidents;
  }

  apply(partition: number, event: PresenceEvent): Effect[] {
    return this.#took(this.partitions[partition]?.apply(event) ?? []);
  }

  /** Judges what is due everywhere, and carries incidents on. */
  judge(): Effect[] {
    return this.partitions.flatMap((presence, partition) => this.#judge(presence, partition));
  }

  #judge(presence: PresencePartition, partition: number): Effect[] {
    const consumed = consumedToMs(this.partitions, presence);
    const due = presence.takeDue();
    const ready = readyToBeJudged(due, consumed, presence.clock);
    const incidents = new Map(ready.map((one) => [one.vehicle.vehicleId, this.#incidentOf(one, presence, partition)]));
    const effects = due.flatMap((vehicle) => {
      const incidentId = incidents.get(vehicle.vehicleId);
      return presence.judge(vehicle, {
        ...(consumed !== undefined && { consumedToMs: consumed }),
        ...(incidentId !== undefined && { incidentId }),
        report: {},
      });
    });
    const over = this.#storm.tend(presence, partition);
    return this.#took([...effects, ...over.flatMap((id) => this.partitions.flatMap((one) => one.closeIncident(id)))]);
  }

  #incidentOf({ vehicle, suspect }: Judgeable, presence: PresencePartition, partition: number): string | undefined {
    return this.#storm.incidentOf(vehicle, suspect, presence, partition);
  }

  #took(effects: Effect[]): Effect[] {
    this.#storm.took(effects);
    return effects;
  }
}
