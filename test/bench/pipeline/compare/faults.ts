import { setTimeout as delay } from 'node:timers/promises';
import type { ObservingClient } from '../observing-client.js';
import { forkLoad } from '../start-load.js';
import type { Side } from './side.js';
import type { SteadyOrder, SteadyReport } from './steady-load.js';

const vehiclesOfFault = 50;
const rate = 500;
const beforeMs = 4_000;
const afterSeconds = 10;
const kafkaGoneMs = 20_000;
/** Nothing new for so long: nothing more will come. */
const quietMs = 30_000;

export interface FaultOutcome {
  fault: string;
  acknowledged: number;
  /** Acknowledged and not in Postgres when nothing more came. */
  lost: number;
}

/** Each of a side's programs killed in turn, then Kafka gone for 20 s, under a steady load that sends again what was not acknowledged. */
export async function injectFaults(side: Side, database: ObservingClient, say: (line: string) => void): Promise<FaultOutcome[]> {
  const outcomes: FaultOutcome[] = [];
  for (const program of side.programs) {
    const fault = `kill -9 of ${program.name}`;
    say(`${side.name}: ${fault}`);
    outcomes.push({
      fault,
      ...(await underLoad(side, database, `kill-${program.name}-`, 0, async () => {
        program.kill();
        await delay(200);
        await program.untilReady();
      })),
    });
  }
  const fault = `Kafka gone for ${kafkaGoneMs / 1_000} s`;
  say(`${side.name}: ${fault}`);
  outcomes.push({ fault, ...(await underLoad(side, database, 'kafka-', kafkaGoneMs / 1_000, () => side.loseKafka(kafkaGoneMs))) });
  return outcomes;
}

async function underLoad(
  side: Side,
  database: ObservingClient,
  prefix: string,
  faultSeconds: number,
  inject: () => Promise<void>,
): Promise<{ acknowledged: number; lost: number }> {
  const vehicles = await side.credentials(Array.from({ length: vehiclesOfFault }, (_, n) => `${prefix}${n}`));
  const seconds = beforeMs / 1_000 + faultSeconds + afterSeconds;
  const load = startSteadyLoad({ mqttPort: side.mqttPort, caPem: side.caPem, vehicles, rate, seconds });
  await load.connected;
  await delay(beforeMs);
  const [{ acknowledged }] = await Promise.all([load.done, inject()]);
  return { acknowledged, lost: acknowledged - (await untilQuiet(side, database, prefix, acknowledged)) };
}

/** Different messages that are stored, when all that were acknowledged are there or no more come. */
async function untilQuiet(side: Side, database: ObservingClient, prefix: string, wanted: number): Promise<number> {
  let stored = 0;
  for (let changedAt = performance.now(); performance.now() - changedAt < quietMs && stored < wanted; await delay(250)) {
    const { rows } = await database.query<{ rows: number }>(side.storedMessages, [prefix]);
    const now = rows[0]?.rows ?? 0;
    if (now !== stored) changedAt = performance.now();
    stored = now;
  }
  return stored;
}

const startSteadyLoad = (order: SteadyOrder) => forkLoad<SteadyReport>(new URL('./steady-load.js', import.meta.url), order);
