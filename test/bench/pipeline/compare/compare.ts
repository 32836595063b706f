import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { ObservingClient } from '../observing-client.js';
import type { BenchOptions } from '../options.js';
import { usageOfTree } from '../process-usage.js';
import { startRowProbe } from '../row-probe.js';
import { startLoad } from '../start-load.js';
import { openBridgeSide } from './bridge-side.js';
import { type Comparison, formatComparison, type SideResults } from './comparison.js';
import { injectFaults } from './faults.js';
import { openMilepostSide } from './milepost-side.js';
import type { Side } from './side.js';

const payloadBytes = 198;
const probeEveryMs = 120;
const storedTimeoutMs = 120_000;
/** The load's vehicles, and the probe. */
const loadPrefix = 'load-';
const probeId = 'probe-0';

/** The same load through milepost and through mosquitto with a plain bridge, one after the other, each with Kafka and Postgres of its own. */
export async function compare(options: BenchOptions): Promise<void> {
  requireMosquitto();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const loadBefore = loadavg()[0] ?? 0;
  const sides: SideResults[] = [];
  for (const open of [openMilepostSide, openBridgeSide]) sides.push(await measure(await open(), options, say));
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`;
  const comparison: Comparison = { machine, loadBefore, options, sides };
  process.stdout.write(formatComparison(comparison));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(comparison, null, 2)}\n`);
  const ours = sides[0];
  if (ours !== undefined && ours.lost + ours.faults.reduce((sum, { lost }) => sum + lost, 0) > 0) process.exitCode = 1;
}

/** @throws with what to install. */
function requireMosquitto(): void {
  const { error } = spawnSync('mosquitto', ['-h'], { env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` } });
  if (error) throw new Error('mosquitto is not installed. On Debian: apt-get install mosquitto (its service is not needed)');
}

async function measure(side: Side, options: BenchOptions, say: (line: string) => void): Promise<SideResults> {
  try {
    const database = await ObservingClient.open(side.databaseUrl);
    say(`${side.name}: the load`);
    const undisturbed = await undisturbedLoad(side, database, options);
    const faults = await injectFaults(side, database, say);
    await database.end();
    return { name: side.name, description: side.description, ...undisturbed, faults };
  } finally {
    await side.stop();
  }
}

async function undisturbedLoad(side: Side, database: ObservingClient, options: BenchOptions) {
  const { mqttPort, caPem, databaseUrl, newestSequence } = side;
  const { inflight, rate, warmUpSeconds, seconds } = options;
  const ids = [probeId, ...Array.from({ length: options.vehicles }, (_, n) => `${loadPrefix}${n}`)];
  const [probeCredentials, ...vehicles] = await side.credentials(ids);
  if (probeCredentials === undefined) throw new TypeError('There is a certificate for each vehicle');
  const load = startLoad({ mqttPort, caPem, vehicles, inflight, rate, warmUpSeconds, seconds, payloadBytes });
  await load.connected;
  const warm = await load.warm;
  const probe = await startRowProbe({
    mqttPort,
    caPem,
    credentials: probeCredentials,
    databaseUrl,
    newestSequence,
    intervalMs: probeEveryMs,
  });
  const measured = [...side.programs.map(({ name, pid }) => ({ name, pid })), ...side.services()];
  const before = measured.map(({ pid }) => usageOfTree(pid).cpuSeconds);
  const lookingBefore = database.cpuSeconds();
  const startedAt = performance.now();
  const done = await load.done;
  const probed = await probe.stop();
  const stored = await untilStored(side, database, done.acknowledged);
  const secondsToStored = (performance.now() - startedAt) / 1_000;
  const messages = done.acknowledged - warm.acknowledged + probed.sent;
  const lookingCpuSeconds = probed.lookingCpuSeconds + database.cpuSeconds() - lookingBefore;
  const cpuSeconds = measured.map(
    ({ name, pid }, index) => usageOfTree(pid).cpuSeconds - (before[index] ?? 0) - (name === 'postgres' ? lookingCpuSeconds : 0),
  );
  await load.leave();
  return {
    acknowledged: done.acknowledged,
    acknowledgedPerSecond: (done.acknowledged - warm.acknowledged) / done.seconds,
    storedPerSecond: messages / secondsToStored,
    lost: done.acknowledged - stored,
    ackLatencyMs: done.ackLatencyMs,
    rowLatencyMs: probed.latencyMs,
    processes: measured.map(({ name }, index) => ({ name, cpuMicrosecondsPerMessage: ((cpuSeconds[index] ?? 0) / messages) * 1e6 })),
  };
}

async function untilStored(side: Side, database: ObservingClient, wanted: number): Promise<number> {
  const deadline = performance.now() + storedTimeoutMs;
  for (;;) {
    const { rows } = await database.query<{ rows: number }>(side.storedMessages, [loadPrefix]);
    const stored = rows[0]?.rows ?? 0;
    if (stored >= wanted || performance.now() > deadline) return stored;
    await delay(50);
  }
}
