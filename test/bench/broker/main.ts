// `npm run bench:broker`: what the broker costs with nothing behind it, beside others; all sides in one run, for only ratios say something.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { createBenchPki } from './bench-pki.js';
import { type BenchOptions, parseOptions, type ScenarioName, usage } from './options.js';
import { core } from './scenarios/core.js';
import { fanout } from './scenarios/fanout.js';
import { handshake } from './scenarios/handshake.js';
import { IDLE_CLIENTS, idle } from './scenarios/idle.js';
import { kafka } from './scenarios/kafka.js';
import { publish } from './scenarios/publish.js';
import type { Scenario } from './scenarios/scenario.js';
import { topics } from './scenarios/topics.js';
import { milepostAllocator } from './server-under-test.js';
import { formatTable, type Table } from './table.js';

const scenarios: Record<ScenarioName, Scenario> = { publish, kafka, core, idle, handshake, fanout, topics };
/** Enough for the scenarios with fewer clients. */
const FEW_CLIENTS = 1_001;

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else await bench(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  process.stdout.write(
    `\n${availableParallelism()} cores (${cpus()[0]?.model}), Node ${process.versions.node}, milepost with ${milepostAllocator ?? "libc's allocator"}\n`,
  );
  const pki = await createBenchPki(options.scenarios.includes('idle') ? IDLE_CLIENTS : FEW_CLIENTS);
  const tables: Table[] = [];
  try {
    for (const name of options.scenarios) {
      for (const table of await scenarios[name]({ pki, options })) {
        process.stdout.write(formatTable(table));
        tables.push(table);
      }
    }
  } finally {
    pki.remove();
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(tables, null, 2)}\n`);
}
