import { readFileSync } from 'node:fs';
import { createPool } from '@milepost/database';
import { type AppContext, type Logger, type RunningApp, sleep, withinTime } from '@milepost/runtime';
import { CanaryVehicle } from './canary-vehicle.js';
import { ClosedLoop } from './closed-loop.js';
import type { Config } from './config.js';
import { announce, readPresenceClocks } from './heartbeat-store.js';
import { createCanaryMetrics } from './metrics.js';
import { faultsOf, type PresenceClocks } from './pipeline-check.js';
import { TraceClient } from './trace-client.js';

const CLOSE_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 10_000;

/** Rounds through the pipeline, and a heartbeat for as long as they close. */
export async function startCanary({ config, logger, registry }: AppContext<Config>): Promise<RunningApp> {
  const metrics = createCanaryMetrics(registry);
  const pool = createPool({ url: config.DATABASE_URL, app: 'canary', size: 2, logger, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
  const traces = new TraceClient(config.API_URL, config.API_KEY);
  const vehicle = new CanaryVehicle({
    url: config.MQTT_URL,
    vehicleId: config.CANARY_VEHICLE,
    ca: readFileSync(config.MQTT_CA_FILE),
    certificate: readFileSync(config.CANARY_CERT_FILE),
    privateKey: readFileSync(config.CANARY_KEY_FILE),
  });
  const stopping = new AbortController();
  let round = 0;
  const loop = new ClosedLoop();
  let roundSeconds = 0;
  let clocksBefore: PresenceClocks | undefined;

  const send = async () => {
    const startedAt = performance.now();
    await withinTime(config.CANARY_ROUND_TIMEOUT_MS, stopping.signal, async (signal) =>
      traces.untilStored(await orAborted(vehicle.report(++round), signal), signal),
    );
    loop.close();
    roundSeconds = (performance.now() - startedAt) / 1_000;
    metrics.roundSeconds.observe(roundSeconds);
    metrics.loopClosedAt.set((loop.atMs ?? 0) / 1_000);
  };
  const beat = async () => {
    const clocks = await readPresenceClocks(pool);
    const maxLoopAgeMs = config.CANARY_INTERVAL_MS + config.CANARY_ROUND_TIMEOUT_MS;
    const faults = faultsOf({ nowMs: Date.now(), loopAgeMs: loop.ageMs, clocks, clocksBefore }, maxLoopAgeMs);
    clocksBefore = clocks;
    if (faults.length > 0) throw new Error(faults.join('; '));
    const judgedUntilMs = Math.min(...clocks.map((clock) => clock?.logTimeMs ?? 0));
    await announce(pool, config.OPERATOR_ORGANISATION, {
      loopClosedAt: new Date(loop.atMs ?? 0).toISOString(),
      loopSeconds: roundSeconds,
      presenceJudgedUntil: new Date(judgedUntilMs).toISOString(),
    });
  };

  const rounds = repeat(config.CANARY_INTERVAL_MS, stopping.signal, async () => {
    const ok = await tried(send, 'canary.round.failed', 'A message did not come through the pipeline');
    metrics.rounds.inc({ outcome: ok ? 'closed' : 'failed' });
  });
  const heartbeats = repeat(config.HEARTBEAT_INTERVAL_MS, stopping.signal, async () => {
    const ok = await tried(beat, 'canary.heartbeat.withheld', 'The pipeline does not work from end to end: no heartbeat');
    metrics.heartbeats.inc({ outcome: ok ? 'sent' : 'withheld' });
  });

  async function tried(work: () => Promise<void>, event: string, message: string): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (err) {
      if (!stopping.signal.aborted) report(logger, event, message, err);
      return false;
    }
  }

  return {
    ready: () => (vehicle.connected ? [] : ['the canary is not connected']),
    close: async () => {
      stopping.abort();
      await Promise.all([rounds, heartbeats]);
      await Promise.race([vehicle.close(), sleep(CLOSE_MS)]);
      await pool.end();
    },
  };
}

function report(logger: Logger, event: string, message: string, err: unknown): void {
  logger.warn({ event, reason: err instanceof Error ? err.message : String(err) }, message);
}

/** At even times, the first after one interval; a turn that takes longer delays the next. */
async function repeat(everyMs: number, signal: AbortSignal, turn: () => Promise<void>): Promise<void> {
  let dueAt = performance.now();
  for (;;) {
    dueAt = Math.max(dueAt + everyMs, performance.now());
    await sleep(dueAt - performance.now(), signal);
    if (signal.aborted) return;
    await turn();
  }
}

/** What may wait without bound, until the signal. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
