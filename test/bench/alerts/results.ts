/** How long behind the end of their graces alerts were written, in ms of wall time. */
export interface Lateness {
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  alerts: number;
}

export interface AlertsBenchResults {
  machine: string;
  /** Load average of one minute: whether the machine was quiet. */
  load: { before: number; after: number };
  options: { vehicles: number; cut: number; cutsASecond: number; processes: number; partitions: number; stormMinimum: number };
  /** Vehicles seen for the first time, and known ones. */
  eventsPerSecond: { first: number; known: number };
  deadlines: number;
  lateness: Lateness & { aimMs: number };
  /** From the first cut to the last alert. */
  cpuSeconds: { name: string; seconds: number }[];
}

/** The tables as they are printed. */
export function formatResults({ machine, load, options, eventsPerSecond, deadlines, lateness, cpuSeconds }: AlertsBenchResults): string {
  const line = (name: string, value: string) => `  ${name.padEnd(44)}${value.padStart(12)}`;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return [
    '',
    machine,
    `${options.vehicles} vehicles, ${options.processes} alerts processes, ${options.partitions} partitions; load average ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after`,
    '',
    line('events/s, vehicles seen for the first time', eventsPerSecond.first.toFixed(0)),
    line('events/s, known vehicles', eventsPerSecond.known.toFixed(0)),
    line('deadlines armed', String(deadlines)),
    line(`alerts of ${options.cut} cuts, ${options.cutsASecond} a second`, String(lateness.alerts)),
    line('behind the end of the grace, p50', ms(lateness.p50Ms)),
    line('p95', ms(lateness.p95Ms)),
    line('p99', ms(lateness.p99Ms)),
    line('longest', ms(lateness.maxMs)),
    line('aim: two steps of the clock and 1 s, p99', ms(lateness.aimMs)),
    ...cpuSeconds.map(({ name, seconds }) => line(`CPU from the first cut to the last alert: ${name}`, `${seconds.toFixed(1)} s`)),
    '',
  ].join('\n');
}
