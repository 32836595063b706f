import type { PresenceState } from '@milepost/contracts';
import type { Registry } from '@milepost/runtime';
import { Counter, Gauge, Histogram } from 'prom-client';

/** What a process knows of the partitions assigned to it, asked at each scrape. */
export interface Observed {
  vehicles: ReadonlyMap<PresenceState, number>;
  deadlines: number;
  /** How far each partition's clock is behind its log time; log time, and that of the newest snapshot; deadlines that wait for other partitions. */
  clocks: readonly { partition: number; behindLogMs: number; logTimeMs: number; snapshotAtMs?: number; deadlinesHeld: number }[];
}

export type AlertsMetrics = ReturnType<typeof createMetrics>;

export function createMetrics(registry: Registry, observe: () => Observed) {
  const registers = [registry];
  new Gauge({
    name: 'milepost_alerts_vehicles',
    help: 'Vehicles of the assigned partitions by presence',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const [state, count] of observe().vehicles) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'milepost_alerts_deadlines_armed',
    help: 'Vehicles with a deadline',
    registers,
    collect() {
      this.set(observe().deadlines);
    },
  });
  new Gauge({
    name: 'milepost_alerts_clock_behind_log_seconds',
    help: "How far a partition's clock has stayed behind its log time: the length of the outages that it left out",
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const { partition, behindLogMs } of observe().clocks) this.set({ partition }, behindLogMs / 1_000);
    },
  });
  new Gauge({
    name: 'milepost_alerts_log_time_seconds',
    help: "A partition's log time, in seconds since the epoch: one that stands still judges nothing",
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const { partition, logTimeMs } of observe().clocks) this.set({ partition }, logTimeMs / 1_000);
    },
  });
  new Gauge({
    name: 'milepost_alerts_snapshot_log_time_seconds',
    help: "Log time of the newest snapshot of a partition's state, in seconds since the epoch; one is taken each day, and a backtest begins with one",
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const { partition, snapshotAtMs } of observe().clocks)
        if (snapshotAtMs !== undefined) this.set({ partition }, snapshotAtMs / 1_000);
    },
  });
  new Gauge({
    name: 'milepost_alerts_deadlines_held',
    help: 'Deadlines that wait until every presence partition is consumed to the same log time',
    labelNames: ['partition'],
    registers,
    collect() {
      this.reset();
      for (const { partition, deadlinesHeld } of observe().clocks) this.set({ partition }, deadlinesHeld);
    },
  });
  return {
    records: new Counter({ name: 'milepost_alerts_records_total', help: 'Presence records applied', labelNames: ['kind'], registers }),
    steps: new Counter({
      name: 'milepost_alerts_steps_total',
      help: 'Batches that were written: quiet ones (time passed, no more) in one statement, the others in a transaction of several',
      labelNames: ['kind'],
      registers,
    }),
    skipped: new Counter({
      name: 'milepost_alerts_records_skipped_total',
      help: 'Presence records that change no state',
      labelNames: ['reason'],
      registers,
    }),
    transitions: new Counter({
      name: 'milepost_alerts_transitions_total',
      help: 'Changes of presence',
      labelNames: ['from', 'to'],
      registers,
    }),
    opened: new Counter({ name: 'milepost_alerts_opened_total', help: 'Alerts opened', labelNames: ['type'], registers }),
    resolved: new Counter({ name: 'milepost_alerts_resolved_total', help: 'Alerts resolved', labelNames: ['type'], registers }),
    lateness: new Histogram({
      name: 'milepost_alerts_lateness_seconds',
      help: "From an offline alert's deadline to its opening, by the partition's clock",
      buckets: [0.5, 1, 2, 4, 6, 8, 12, 20, 60],
      registers,
    }),
    incidents: new Counter({ name: 'milepost_alerts_incidents_total', help: 'Incidents', labelNames: ['change', 'scope'], registers }),
    conditionsForgotten: new Counter({
      name: 'milepost_alerts_vehicle_conditions_forgotten_total',
      help: 'Vehicles of which nothing was judged for 35 days: sides of geofences, readings and codes that were known of them are forgotten',
      registers,
    }),
    upkeepTurns: new Counter({
      name: 'milepost_alerts_upkeep_turns_total',
      help: 'Turns of upkeep by what old rows it deletes (step) and outcome: done or failed',
      labelNames: ['step', 'outcome'],
      registers,
    }),
    upkeepSucceededAt: new Gauge({
      name: 'milepost_alerts_upkeep_last_success_timestamp_seconds',
      help: 'When this process last did a step; of several processes the latest counts',
      labelNames: ['step'],
      registers,
    }),
    retries: new Counter({
      name: 'milepost_alerts_database_retries_total',
      help: 'Batches tried again, by kind of database error',
      labelNames: ['kind'],
      registers,
    }),
    policyVersion: new Gauge({
      name: 'milepost_alerts_policy_version',
      help: 'The last change of policies, groups and mutes that this process knows: one that lags behind the others judges by old ones',
      registers,
    }),
    repositions: new Counter({ name: 'milepost_alerts_repositions_total', help: 'Batches that the fence turned away', registers }),
    belowLogStart: new Counter({
      name: 'milepost_alerts_below_log_start_total',
      help: 'Partitions of which Kafka had deleted records before they were read',
      registers,
    }),
    leases: new Counter({
      name: 'milepost_alerts_leases_total',
      help: "This process's own leases, by what became of them",
      labelNames: ['outcome'],
      registers,
    }),
  };
}
