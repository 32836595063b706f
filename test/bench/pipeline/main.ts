// `npm run bench`: messages/s end to end, latencies, CPU and memory by process; and whether anything was lost. With --compare, beside a plain bridge.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { issueCertificates, openAuthority } from '@milepost/pki';
import { compare } from './compare/compare.js';
import { startMachineTime } from './machine-time.js';
import { ObservingClient } from './observing-client.js';
import { type BenchOptions, parseOptions, usage } from './options.js';
import { usageOfTree } from './process-usage.js';
import { ResidentMemory } from './resident-memory.js';
import { type BenchResults, formatResults } from './results.js';
import { newestLocation, startRowProbe } from './row-probe.js';
import { type StackUnderTest, startStackUnderTest } from './stack-under-test.js';
import { startLoad } from './start-load.js';

const payloadBytes = 198;
const settleMs = 3_000;
const storedTimeoutMs = 120_000;

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else if (options.compare) await compare(options);
  else await bench(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  const stack = await startStackUnderTest({ brokerProcesses: options.brokerProcesses });
  try {
    const results = await measure(stack, options);
    process.stdout.write(formatResults(results));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    if (results.lost !== 0) process.exitCode = 1;
  } finally {
    await stack.stop();
  }
}

async function measure(stack: StackUnderTest, options: BenchOptions): Promise<BenchResults> {
  const authority = await openAuthority(stack.pkiFolder);
  const requests = Array.from({ length: options.vehicles + 1 }, (_, n) => ({ vehicleId: n === 0 ? 'bench-probe' : `bench-${n}` }));
  const [probeCertificate, ...vehicles] = (await issueCertificates(authority, requests)).map(
    ({ vehicleId, certificatePem, privateKeyPem }) => ({ id: vehicleId as string, certificatePem, privateKeyPem }),
  );
  if (probeCertificate === undefined) throw new Error('no certificates were issued');
  const connection = { mqttPort: Number(new URL(stack.file.mqttUrl).port), caPem: readFileSync(stack.file.caFile, 'utf8') };
  const load = startLoad({
    ...connection,
    vehicles,
    inflight: options.inflight,
    rate: options.rate,
    warmUpSeconds: options.warmUpSeconds,
    seconds: options.seconds,
    payloadBytes,
  });
  await load.connected;
  const warm = await load.warm;
  const probe = await startRowProbe({
    ...connection,
    credentials: probeCertificate,
    databaseUrl: stack.file.databaseUrl,
    newestSequence: newestLocation,
    intervalMs: 120,
  });
  const database = await ObservingClient.open(stack.file.databaseUrl);
  const before = usages(stack);
  const memory = new ResidentMemory(() => usages(stack));
  const machineTimeSince = startMachineTime();
  const startedAt = performance.now();
  const done = await load.done;
  const probed = await probe.stop();
  const acknowledged = done.acknowledged + probed.sent;
  const rows = await untilStored(database, acknowledged);
  const secondsToStored = (performance.now() - startedAt) / 1000;
  const after = usages(stack);
  const machineTime = machineTimeSince();
  const lookingCpuSeconds = probed.lookingCpuSeconds + database.cpuSeconds();
  const resident = memory.stop();
  await load.leave();
  await database.end();
  await new Promise((resolve) => setTimeout(resolve, settleMs));

  const measured = acknowledged - warm.acknowledged;
  const cpuSeconds = (name: string, index: number) =>
    (after[index]?.cpuSeconds ?? 0) - (before[index]?.cpuSeconds ?? 0) - (name === 'postgres' ? lookingCpuSeconds : 0);
  return {
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
    options,
    payloadBytes,
    published: done.published,
    acknowledged: done.acknowledged,
    probes: probed.sent,
    rows,
    lost: acknowledged - rows,
    acknowledgedPerSecond: (done.acknowledged - warm.acknowledged) / done.seconds,
    storedPerSecond: measured / secondsToStored,
    ackLatencyMs: done.ackLatencyMs,
    rowLatencyMs: probed.latencyMs,
    besideCpuMicrosecondsPerMessage: { load: (done.cpuSeconds / measured) * 1e6, looking: (lookingCpuSeconds / measured) * 1e6 },
    machineTime,
    processes: stack.processes.map(({ name }, index) => ({
      name,
      cpuMicrosecondsPerMessage: (cpuSeconds(name, index) / measured) * 1e6,
      residentMib: resident[index] ?? { quarters: [0, 0, 0, 0, 0], peak: 0 },
    })),
  };
}

function usages(stack: StackUnderTest) {
  return stack.processes.map(({ pid }) => usageOfTree(pid));
}

/** Waits until the rows are there, or no more come. */
async function untilStored(database: ObservingClient, wanted: number): Promise<number> {
  const startedAt = performance.now();
  let rows = 0;
  for (;;) {
    const result = await database.query<{ rows: number }>('select count(*)::int as rows from locations');
    rows = result.rows[0]?.rows ?? 0;
    if (rows >= wanted || performance.now() - startedAt > storedTimeoutMs) return rows;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
