// `npm run bench:conditions`: from a vehicle's message to the alert at the API, for every kind of condition.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { startStackUnderTest } from '../pipeline/stack-under-test.js';
import { startBackground } from './background.js';
import { geofences, kinds } from './kinds.js';
import { type ConditionsBenchOptions, parseOptions, usage } from './options.js';
import { beyondAim, type ConditionsBenchResults, formatResults } from './results.js';
import { World } from './world.js';

const aimMs = 2_000;
/** Ingest minds a new geofence within a second. */
const fencedAfterMs = 3_000;

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else {
    const results = await bench(options);
    process.stdout.write(formatResults(results));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    if (beyondAim(results).length > 0) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function bench(options: ConditionsBenchOptions): Promise<ConditionsBenchResults> {
  const [before = Number.NaN] = loadavg();
  const stack = await startStackUnderTest();
  try {
    const world = await World.open(stack);
    for (const geofence of geofences) await world.addGeofence(geofence);
    await delay(fencedAfterMs);
    const background = await startBackground(world, options.rate);
    const measured = kinds.map(({ name, from }) => ({ kind: name, from, ms: [] as number[] }));
    for (let round = 0; round <= options.rounds; round += 1) {
      process.stderr.write(round === 0 ? 'the round that is not measured\n' : `round ${round} of ${options.rounds}\n`);
      for (const [index, { measure }] of kinds.entries()) {
        const ms = await measure(world, `bench-${round}-${index}`);
        if (round > 0) measured[index]?.ms.push(ms);
      }
    }
    const sentBeside = background.sent();
    await background.stop();
    const [after = Number.NaN] = loadavg();
    const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`;
    return { machine, load: { before, after }, options, sentBeside, aimMs, kinds: measured };
  } finally {
    await stack.stop();
  }
}
