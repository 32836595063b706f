// `npm run bench:alerts`: presence events/s of two alerts processes, and how late offline alerts are while every vehicle has a deadline.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { presenceTimes, topics } from '@milepost/contracts';
import { rolePasswords, urlForRole } from '@milepost/database';
import { logRange } from '@milepost/kafka';
import { type Backing, startBacking } from '../ingest/backing.js';
import { usageOfTree } from '../pipeline/process-usage.js';
import { type AlertsProcesses, startAlertsProcesses } from './alerts-processes.js';
import { Fleet } from './fleet.js';
import { parseOptions, usage } from './options.js';
import { type AlertsBenchResults, formatResults, type Lateness } from './results.js';

const graceMs = 10_000;
const timeoutMs = 1_800_000;
const options = parseOptions(process.argv.slice(2));

if (options === 'help') process.stdout.write(usage);
else {
  const results = await bench(options.bench);
  process.stdout.write(formatResults(results));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
}

async function bench(options: AlertsBenchResults['options']): Promise<AlertsBenchResults> {
  const loadBefore = loadavg()[0] ?? 0;
  const backing = await startBacking(options.partitions);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const ownerUrl = backing.environment.DATABASE_MAINTENANCE_URL ?? '';
  const environment = {
    ...backing.environment,
    DATABASE_URL: urlForRole(ownerUrl, 'milepost_alerts', rolePasswords('milepost-bench')),
    OFFLINE_GRACE_MS: String(graceMs),
    STORM_MIN_VEHICLES: String(options.stormMinimum),
  };
  const fleet = new Fleet(options.vehicles, backing.writer, options.partitions);
  let alerts: AlertsProcesses | undefined;
  try {
    fleet.start();
    say(`${options.vehicles} vehicles connect for the first time`);
    alerts = await startAlertsProcesses(options.processes, environment);
    const first = await eventsPerSecond(backing, async () => {
      await fleet.connectAll();
      return options.vehicles;
    });
    say('every vehicle is cut and comes back at once');
    const known = await eventsPerSecond(backing, () => fleet.blink());
    const deadlines = await alerts.metric('milepost_alerts_deadlines_armed');
    say(`${options.cut} vehicles are cut, ${options.cutsASecond} a second`);
    const measured = [...alerts.processes, ...backing.processes];
    const before = measured.map(({ pid }) => usageOfTree(pid).cpuSeconds);
    const lateness = await cutAndWait(backing, fleet, options);
    const cpuSeconds = measured.map(({ name, pid }, index) => ({ name, seconds: usageOfTree(pid).cpuSeconds - (before[index] ?? 0) }));
    return {
      machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
      load: { before: loadBefore, after: loadavg()[0] ?? 0 },
      options,
      eventsPerSecond: { first, known },
      deadlines,
      lateness,
      cpuSeconds,
    };
  } finally {
    fleet.stop();
    await alerts?.stop();
    await backing.stop();
  }
}

/** From the first record until alerts has applied the last; writing them to Kafka is part of it. */
async function eventsPerSecond(backing: Backing, write: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const records = await write();
  const ends = await logRange(backing.kafka, topics.presence);
  while (!(await isConsumedTo(backing, ends))) {
    if (performance.now() - startedAt > timeoutMs) throw new Error('alerts did not keep up within half an hour');
    await delay(50);
  }
  return records / ((performance.now() - startedAt) / 1_000);
}

async function isConsumedTo({ owner }: Backing, ends: ReadonlyMap<number, { end: bigint }>): Promise<boolean> {
  const { rows } = await owner.query<{ partition: number; next: string }>(
    `select partition, next_offset as next from kafka_offsets where consumer = 'alerts' and topic = $1`,
    [topics.presence],
  );
  const next = new Map(rows.map((row) => [row.partition, BigInt(row.next)]));
  return [...ends].every(([partition, { end }]) => (next.get(partition) ?? 0n) >= end);
}

/** Cuts vehicles one after another, and says how long behind grace and loss (LogAppendTime) the events of their alerts were written. */
async function cutAndWait(
  { owner }: Backing,
  fleet: Fleet,
  { cut, cutsASecond }: AlertsBenchResults['options'],
): Promise<AlertsBenchResults['lateness']> {
  const startedAt = performance.now();
  for (let vehicle = 0; vehicle < cut; vehicle += 1) {
    await delay(Math.max(0, startedAt + (vehicle / cutsASecond) * 1_000 - performance.now()));
    void fleet.lost(vehicle, 'network_error');
  }
  for (;;) {
    const { rows } = await owner.query<{ count: number }>(`select count(*)::int as count from outbox where type = 'alert.opened'`);
    if ((rows[0]?.count ?? 0) >= cut) break;
    if (performance.now() - startedAt > timeoutMs) throw new Error(`${rows[0]?.count} of ${cut} alerts were told of within half an hour`);
    await delay(500);
  }
  const { rows } = await owner.query<Lateness>(
    `select percentile_disc(0.5) within group (order by late) as "p50Ms", percentile_disc(0.95) within group (order by late) as "p95Ms",
            percentile_disc(0.99) within group (order by late) as "p99Ms", max(late) as "maxMs", count(*)::int as alerts
       from (select extract(epoch from o.created_at - p.lost_at)::float8 * 1000 - $1::float8 as late
               from outbox o
               join alerts a on a.id = o.subject
               join vehicle_presence p on p.vehicle = a.vehicle
              where o.type = 'alert.opened' and a.type = 'offline') l`,
    [graceMs],
  );
  const [measured] = rows;
  if (measured === undefined) throw new TypeError('An aggregate has one row');
  return { ...measured, aimMs: 1_000 + 2 * presenceTimes.leaseIntervalMs };
}
