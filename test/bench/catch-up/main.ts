// `npm run bench:catch-up`: ingest was away for an hour and is back. What do those see meanwhile who ask where a vehicle is, and whether it is there?
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { topics } from '@milepost/contracts';
import { connectKafka, createLogWriter, type KafkaConnection, logRange } from '@milepost/kafka';
import { issueCertificates, openAuthority } from '@milepost/pki';
import { createLogger } from '@milepost/runtime';
import { Client } from 'pg';
import { send, usualTraffic, vehicles } from '../ingest/traffic.js';
import { type Percentiles, percentiles } from '../pipeline/load-protocol.js';
import { startRowProbe } from '../pipeline/row-probe.js';
import { type StackUnderTest, startStackUnderTest } from '../pipeline/stack-under-test.js';
import { startLoad } from '../pipeline/start-load.js';
import { type CatchUpOptions, parseOptions, usage } from './options.js';
import { comeAndGo } from './presence-probe.js';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const afterwardsMs = 20_000;
const payloadBytes = 198;
const loadVehicles = 200;
/** Rows a second at the least, for how long the load must last. */
const slowest = 12_000;

const newestPosition =
  'select p.sequence::int as sequence from latest_positions p join vehicles v on v.id = p.vehicle where v.vehicle_id = $1 and p.recorded_at >= $2';

interface Seen {
  position: Percentiles;
  online: Percentiles;
  gone: Percentiles;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else await bench(options);
} catch (error) {
  process.stderr.write(`bench:catch-up: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function bench(options: CatchUpOptions): Promise<void> {
  const stack = await startStackUnderTest();
  const database = new Client({ connectionString: stack.file.databaseUrl });
  database.on('error', () => undefined);
  const logger = createLogger({ app: 'bench', level: 'error' });
  const kafka = connectKafka(
    { KAFKA_BROKERS: stack.file.kafkaBrokers.split(','), KAFKA_SSL: false, KAFKA_PARTITIONS: 12 },
    { clientId: 'milepost-bench', logger },
  );
  try {
    await database.connect();
    await measure(stack, database, kafka, options);
  } finally {
    await kafka.close();
    await database.end();
    await stack.stop();
  }
}

async function measure(stack: StackUnderTest, database: Client, kafka: KafkaConnection, { records, rate }: CatchUpOptions): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const ingest = stack.processes.find(({ name }) => name === 'ingest');
  if (ingest === undefined) throw new Error('the stack has no ingest process');
  const authority = await openAuthority(stack.pkiFolder);
  const ids = ['bench-position', 'bench-presence', ...Array.from({ length: loadVehicles }, (_, n) => `bench-${n}`)];
  const [ofPosition, ofPresence, ...others] = (
    await issueCertificates(
      authority,
      ids.map((vehicleId) => ({ vehicleId })),
    )
  ).map(({ vehicleId, certificatePem, privateKeyPem }) => ({ id: vehicleId as string, certificatePem, privateKeyPem }));
  if (ofPosition === undefined || ofPresence === undefined) throw new Error('no certificates were issued');
  const connection = { mqttPort: Number(new URL(stack.file.mqttUrl).port), caPem: readFileSync(stack.file.caFile, 'utf8') };

  const writer = createLogWriter(kafka, { logger: createLogger({ app: 'bench', level: 'error' }) });
  const partitions = (await logRange(kafka, topics.location)).size;
  const since = Date.now() - hourMs;
  say('the fleet becomes known');
  const first = {
    vehicle: 'bench-position',
    fixes: [{ recordedAt: since - hourMs, latitude: 1, longitude: 1 }],
    receivedAtMs: since - hourMs,
  };
  await send(writer, spread(usualTraffic(vehicles, since - hourMs), vehicles, since - hourMs, minuteMs), partitions);
  await send(writer, [first], partitions);
  await until(async () => (await behind(kafka, database)) === 0);

  say(`ingest stands still, and ${records} records pile up`);
  process.kill(ingest.pid, 'SIGSTOP');
  const traffic = usualTraffic(records, since);
  await send(writer, spread(traffic, records, since, hourMs - minuteMs), partitions);
  await writer.close({ timeoutMs: 5_000 });
  const seconds = Math.ceil(records / slowest) + 60;
  const load = startLoad({ ...connection, vehicles: others, inflight: 1, rate, warmUpSeconds: 0, seconds, payloadBytes });
  await load.connected;
  // Killed and started again by the stack, as behind an outage: nobody freezes for an hour and goes on.
  say('ingest is started again');
  process.kill(ingest.pid, 'SIGKILL');
  const startedAt = performance.now();
  const look = (isOver: () => Promise<boolean>) =>
    watch({ ...connection, ofPosition, ofPresence, databaseUrl: stack.file.databaseUrl, database }, isOver);
  const during = await look(async () => (await behind(kafka, database)) < 2 * rate);
  const caughtUp = (performance.now() - startedAt) / 1000;
  say(`caught up after ${caughtUp.toFixed(0)} s`);
  const endsAt = performance.now() + afterwardsMs;
  const afterwards = await look(async () => performance.now() > endsAt);
  print(records, rate, caughtUp, during, afterwards);
  // It may have longer to go; what it would still say is not asked for.
  load.stop();
}

/** Records that were written over that time. */
function* spread(messages: ReturnType<typeof usualTraffic>, count: number, fromMs: number, lengthMs: number) {
  let index = 0;
  for (const message of messages) yield { ...message, receivedAtMs: fromMs + Math.floor((index++ / count) * lengthMs) };
}

interface Watched {
  mqttPort: number;
  caPem: string;
  ofPosition: Parameters<typeof startRowProbe>[0]['credentials'];
  ofPresence: Parameters<typeof startRowProbe>[0]['credentials'];
  databaseUrl: string;
  database: Client;
}

/** Publishes, comes and goes until it is over; what was seen of it, and how soon. */
async function watch(
  { mqttPort, caPem, ofPosition, ofPresence, databaseUrl, database }: Watched,
  isOver: () => Promise<boolean>,
): Promise<Seen> {
  const probe = await startRowProbe({
    mqttPort,
    caPem,
    credentials: ofPosition,
    databaseUrl,
    newestSequence: newestPosition,
    intervalMs: 250,
  });
  const online: number[] = [];
  const gone: number[] = [];
  do {
    const [came, went] = await comeAndGo({ port: mqttPort, caPem, credentials: ofPresence }, database);
    online.push(came);
    gone.push(went);
    await delay(500);
  } while (!(await isOver()));
  const { latencyMs } = await probe.stop();
  return { position: latencyMs, online: percentiles(online), gone: percentiles(gone) };
}

/** Records of locations that are not stored yet. */
async function behind(kafka: KafkaConnection, database: Client): Promise<number> {
  const ends = await logRange(kafka, topics.location);
  const { rows } = await database.query<{ stored: string | null }>(
    "select sum(next_offset) as stored from kafka_offsets where consumer = 'ingest' and topic = $1",
    [topics.location],
  );
  return Number([...ends.values()].reduce((sum, { end }) => sum + end, 0n) - BigInt(rows[0]?.stored ?? 0));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + minuteMs; performance.now() < deadline; await delay(100)) if (await isSo()) return;
  throw new Error('ingest did not store the first messages within a minute');
}

function print(records: number, rate: number, caughtUp: number, during: Seen, afterwards: Seen): void {
  const row = (name: string, { p50, p95, p99, max }: Percentiles) =>
    `  ${name.padEnd(44)}${[p50, p95, p99, max].map((ms) => ms.toFixed(0).padStart(8)).join('')}`;
  process.stdout.write(
    [
      '',
      `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
      `${records} records behind, ${rate} messages/s meanwhile: caught up after ${caughtUp.toFixed(1)} s`,
      '',
      `  ms${' '.repeat(43)}    p50     p95     p99     max`,
      row('catching up: publish → latest position', during.position),
      row('catching up: CONNACK → online', during.online),
      row('catching up: DISCONNECT → not online', during.gone),
      row('afterwards: publish → latest position', afterwards.position),
      row('afterwards: CONNACK → online', afterwards.online),
      row('afterwards: DISCONNECT → not online', afterwards.gone),
      '',
      '',
    ].join('\n'),
  );
}
