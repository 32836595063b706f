import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { topics } from '@milepost/contracts';
import { eventually } from '@milepost/test-support';
import type { BreakOff } from './break-off.js';
import { catalogue } from './faults/catalogue.js';
import type { Fault } from './faults/fault.js';
import { watchStalls } from './ledger/stalls.js';
import { LedgerProcess } from './ledger-process.js';
import type { ChaosOptions } from './options.js';
import type { Outcome, Window } from './outcome.js';
import { Plan } from './plan.js';
import { absenceMs, quiet } from './quiet.js';
import { untilRecovered } from './recovery.js';
import { vehicleName } from './size.js';
import { storm } from './storm.js';
import { hasOwnNamespace, mountingForbidden } from './system/limited-disk.js';
import { System } from './system/system.js';

const GRACE_MS = 12_000;
const NODE_GRACE_MS = 45_000;
/** One round in ten minutes: thirty have three of each kind. */
const MINUTES_A_ROUND = 10;
const QUIET_SHARE = 1 / 6;
/** Messages a second that a run must have had, unless it was told to have fewer. */
const LEAST_RATE = 1_000;
const WARM_UP_MS = 3_000;
const DRAIN_TIMEOUT_MS = 120_000;
const SETTLE_TIMEOUT_MS = 180_000;
/** What the data of a minute of load takes at most, and what is there before; measured, and doubled. */
const DISK_MB = { postgres: { base: 600, per100kMessages: 120 }, kafka: { base: 200, per100kMessages: 80 } };

export interface RunOptions {
  options: ChaosOptions;
  /** The checkout whose build runs. */
  root: string;
  /** Told what happens while it does. */
  say(line: string): void;
  breakOff: BreakOff;
}

/** The whole run. @throws when it cannot be begun, or is broken off. */
export async function runChaos({ options, root, say, breakOff }: RunOptions): Promise<Outcome> {
  const { possible, impossible } = sortOut(options);
  const startedAt = new Date();
  const needsDisks = possible.some(({ needs }) => needs === 'limited-disks');
  breakOff.inOrder.throwIfAborted();
  const system = System.prepare({
    root,
    kafkaNodes: options.kafkaNodes,
    graceMs: GRACE_MS,
    nodeGraceMs: NODE_GRACE_MS,
    ...(needsDisks && { diskMb: diskMb(options) }),
  });
  breakOff.atOnce.addEventListener('abort', () => system.end(options));
  const ledger = new LedgerProcess({ onStart: (pid) => system.record(pid) });
  const brokenOff = new Promise<never>((_, reject) =>
    breakOff.inOrder.addEventListener('abort', () => reject(breakOff.inOrder.reason as Error)),
  );
  // The proxy before the vehicles is in this process: what it has not passed on the ledger hears late. Without a ledger nobody asks.
  let endWatch = () => {};
  try {
    return await Promise.race([underLoad(), brokenOff]);
  } finally {
    endWatch();
    await ledger.ask('end').catch(() => ledger.kill());
    await system.stop(options);
  }

  async function underLoad(): Promise<Outcome> {
    await system.start();
    say(`     everything is up in ${system.folder}`);
    const vehicles = Array.from({ length: options.vehicles }, (_, n) => vehicleName(n));
    await startLoad(system, ledger, vehicles, options);
    endWatch = watchStalls((stall) => void ledger.ask('stalled', stall).catch(() => undefined));
    const loadedAt = Date.now();
    const course = await takeItsCourse(possible, { system, ledger, vehicles, options, say });
    const seconds = (Date.now() - loadedAt) / 1_000;
    const complaints = [...course.complaints, ...(await settle(system, ledger, say))];
    const audit = await ledger.ask('audit', {
      ...{ journalFile: journalOf(system), databaseUrl: system.postgres.url, graceMs: GRACE_MS, nodeGraceMs: NODE_GRACE_MS },
      loadMs: seconds * 1_000,
    });
    const messages = ledger.progress.acknowledged;
    if (options.rate >= LEAST_RATE && messages / seconds < LEAST_RATE) {
      complaints.push(`only ${(messages / seconds).toFixed(0)} messages/s were acknowledged on average, not ${LEAST_RATE}`);
    }
    return {
      options,
      machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
      startedAt: startedAt.toISOString(),
      ...{ seconds, ...course, messages, impossible, audit, complaints },
      deaths: system.deaths,
    };
  }
}

function sortOut({ faults }: ChaosOptions): { possible: Fault[]; impossible: Outcome['impossible'] } {
  const chosen = catalogue.filter(({ name }) => faults.includes(name));
  const needing = chosen.filter(({ needs }) => needs === 'limited-disks');
  if (needing.length === 0 || hasOwnNamespace()) return { possible: chosen, impossible: [] };
  const reason = `no file system can be mounted (${mountingForbidden() ?? 'the run was not started in a mount namespace'})`;
  return {
    possible: chosen.filter((fault) => !needing.includes(fault)),
    impossible: needing.map(({ name }) => ({ fault: name, reason })),
  };
}

function diskMb({ minutes, rate }: ChaosOptions): { postgres: number; kafka: number } {
  const load = (minutes * 60 * rate) / 100_000;
  const of = ({ base, per100kMessages }: (typeof DISK_MB)['kafka']) => Math.ceil(base + load * per100kMessages);
  return { postgres: of(DISK_MB.postgres), kafka: of(DISK_MB.kafka) };
}

const journalOf = ({ folder }: System) => join(folder, 'journal');

async function startLoad(system: System, ledger: LedgerProcess, vehicles: readonly string[], { rate }: ChaosOptions): Promise<void> {
  const { webhookUrl } = await ledger.ask('start', {
    mqttPort: system.proxy.port,
    caPem: system.caPem,
    vehicles: await system.identities(vehicles),
    journalFile: journalOf(system),
    rate,
  });
  const response = await fetch(`${system.apiUrl}/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${system.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: webhookUrl }),
  });
  if (!response.ok) throw new Error(`The webhook could not be registered: ${response.status} ${await response.text()}`);
  await ledger.ask('expectWebhooks', { secret: ((await response.json()) as { secret: string }).secret });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
}

interface CourseOptions {
  system: System;
  ledger: LedgerProcess;
  vehicles: readonly string[];
  options: ChaosOptions;
  say(line: string): void;
}

/** Each kind alone once; then round after round of mixes; a quiet time after the first and after the last. */
async function takeItsCourse(
  faults: readonly Fault[],
  { system, ledger, vehicles, options, say }: CourseOptions,
): Promise<Pick<Outcome, 'windows' | 'quietSeconds' | 'complaints'>> {
  const { seed, minutes, lanes } = options;
  const plan = new Plan(seed, faults);
  const until = Date.now() + minutes * 60_000;
  const quietMs = minutes * 60_000 * QUIET_SHARE;
  const rounds = Math.max(1, Math.round(minutes / MINUTES_A_ROUND));
  const windows: Window[] = [];
  const complaints: string[] = [];
  let quietSeconds = 0;
  const beQuiet = async (durationMs: number) => {
    if ((await untilRecovered(system, ledger, [])) === undefined) {
      complaints.push('nothing flowed before a quiet time, which was left out');
      return;
    }
    const from = Date.now();
    await quiet(durationMs, { ledger, vehicles, graceMs: GRACE_MS, seed: seed + plan.rounds, say });
    quietSeconds += (Date.now() - from) / 1_000;
  };
  const lastQuietMs = Math.max(quietMs / 2, absenceMs(GRACE_MS));
  do {
    plan.nextRound();
    windows.push(...(await storm({ system, ledger, plan, lanes: plan.rounds === 1 ? 1 : lanes, say })));
    if (plan.rounds === 1 && rounds > 1) await beQuiet(quietMs / 2);
  } while (plan.rounds < rounds || Date.now() + lastQuietMs < until);
  await beQuiet(lastQuietMs);
  return { windows, quietSeconds, complaints };
}

/** Everything is sent, stored and told; what is not by then is for the audit to say. */
async function settle(system: System, ledger: LedgerProcess, say: (line: string) => void): Promise<string[]> {
  const complaints: string[] = [];
  say('     no more faults: until everything is acknowledged, stored and told');
  await ledger.ask('drain', { timeoutMs: DRAIN_TIMEOUT_MS });
  const within = async (what: string, done: () => Promise<void>) =>
    eventually(done, { timeoutMs: SETTLE_TIMEOUT_MS, everyMs: 300 }).catch((error: Error) => complaints.push(`${what}: ${error.message}`));
  await within('ingest did not come to the end of the log', async () => {
    for (const topic of [topics.location, topics.diagnostics, topics.status]) {
      const behind = (await system.positions(topic)).find(({ stored, end }) => stored < end);
      if (behind) throw new Error(`${topic}/${behind.partition} is stored up to ${behind.stored} of ${behind.end}`);
    }
  });
  await within('what is to be told did not come to an end', async () => {
    const { rows } = await system.database.query<{ what: string }>(
      `select 'an event that was not dispatched' as what from outbox where dispatched_at is null
        union all select 'an event that was not relayed' from outbox where relayed_at is null
        union all select 'a dead letter that was not relayed' from dead_letters where relayed_at is null
        union all select 'a delivery that is ' || status from webhook_deliveries where status in ('pending', 'failed')
        union all select 'an open alert' from alerts where status <> 'resolved'
        union all select v.vehicle_id || ', which is there and shown as ' || coalesce(p.state, 'never seen')
                    from vehicles v left join vehicle_presence p on p.vehicle = v.id
                   where starts_with(v.vehicle_id, $1) and p.state is distinct from 'online' limit 1`,
      [vehicleName('')],
    );
    if (rows[0]) throw new Error(`there is ${rows[0].what}`);
  });
  await system.untilReady().catch((error: Error) => complaints.push(error.message));
  return complaints;
}

/** Where `--json` says, or the ignored cache folder. */
export function writeOutcome(outcome: Outcome, root: string): string {
  const file = outcome.options.json ?? join(root, 'node_modules/.cache/milepost/chaos.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(outcome, null, 2)}\n`);
  return file;
}
