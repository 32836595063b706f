import { presenceTimes } from '@milepost/contracts';
import type { Effect } from '../effect.js';
import type { Policies } from '../policy/policies.js';
import { PresencePartition, type StoredPartition } from '../presence-partition.js';
import type { VehicleState } from '../state/vehicle-state.js';
import { factsFor, type JudgedFacts, type RecordedBatch } from './recorded-batch.js';

/** Where a replay did not come to what was recorded. */
export interface Divergence {
  what: 'clock' | 'log time' | 'number of vehicles judged';
  recorded: number | undefined;
  replayed: number | undefined;
}

/** One presence partition that takes recorded batches as alerts took them. */
export class ReplayedPartition {
  #presence: PresencePartition;

  constructor(stored: StoredPartition, policies: Policies) {
    this.#presence = new PresencePartition(policies, stored);
  }

  get presence(): PresencePartition {
    return this.#presence;
  }

  /**
   * The first half of a batch: policies and events.
   * @param replaced the policies are not those of the batches before, although their number may be the same.
   * @returns its effects, and who is to be judged by `finish`.
   */
  begin(
    { loaded, events }: Pick<RecordedBatch, 'loaded' | 'events'>,
    policies: Policies,
    replaced = false,
  ): { effects: Effect[]; due: VehicleState[] } {
    if (loaded) this.#presence = reloaded(this.#presence, policies);
    if (loaded || replaced || policies.version !== this.#presence.policyVersion) this.#presence.usePolicies(policies);
    const effects = events.flatMap((event) => this.#presence.apply(event));
    return { effects, due: this.#presence.takeDue() };
  }

  /** The second half. */
  finish(due: readonly VehicleState[], facts: JudgedFacts): Effect[] {
    const factsOf = factsFor(facts);
    const effects = due.flatMap((vehicle) => this.#presence.judge(vehicle, factsOf(vehicle)));
    const released = facts.closed.flatMap((incidentId) => this.#presence.closeIncident(incidentId));
    // Nobody stores them here, and they must not pile up.
    this.#presence.takeChanges();
    this.#presence.takeTransitions();
    this.#presence.takeRemembered();
    return [...effects, ...released];
  }

  /** Whether it stands where alerts stood behind the batch. */
  divergence({ clockMs, logTimeMs, due }: Pick<RecordedBatch, 'clockMs' | 'logTimeMs' | 'due'>, judged: number): Divergence | undefined {
    const { clock } = this.#presence;
    if (clock.clockMs !== clockMs) return { what: 'clock', recorded: clockMs, replayed: clock.clockMs };
    if (clock.logTimeMs !== logTimeMs) return { what: 'log time', recorded: logTimeMs, replayed: clock.logTimeMs };
    return judged === due ? undefined : { what: 'number of vehicles judged', recorded: due, replayed: judged };
  }
}

/** As a process that takes the partition over reads it from the tables. */
function reloaded(presence: PresencePartition, policies: Policies): PresencePartition {
  const { clock } = presence;
  const sinceMs = (clock.logTimeMs ?? 0) - presenceTimes.closedConnectionMs;
  const closed = [...presence.closedConnections()].filter(({ atMs }) => atMs > sinceMs).sort((one, other) => one.atMs - other.atMs);
  return new PresencePartition(policies, { clock, vehicles: presence.vehicles(), closed });
}
