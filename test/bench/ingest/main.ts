// `npm run bench:ingest`: rows/s and CPU by process from Kafka into Postgres, against the same statements fed from memory; and what other paths cost.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { startBacking } from './backing.js';
import { setDatabaseApart } from './database-apart.js';
import { measureDisk } from './disk.js';
import { drain } from './drain.js';
import { type IngestBenchOptions, parseOptions, usage } from './options.js';
import { measureRawLimit } from './raw-limit.js';
import { formatResults, type IngestBenchResults } from './results.js';
import { runScenarios } from './scenarios.js';
import { send, usualTraffic } from './traffic.js';

const hourMs = 3_600_000;

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(usage);
  else {
    const results = await bench(options);
    process.stdout.write(formatResults(results));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  }
} catch (error) {
  process.stderr.write(`bench:ingest: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exitCode = 1;
}

async function bench(options: IngestBenchOptions): Promise<IngestBenchResults> {
  const { records, processes, partitions } = options;
  // Before this process may be confined to some of the cores.
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`;
  const backing = await startBacking(partitions);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  try {
    if (options.databaseApart) setDatabaseApart(backing.processes);
    // All of it lies in the past, on two days at most.
    const since = Date.now() - 6 * hourMs;
    say(`writing ${records} records to Kafka`);
    await send(backing.writer, usualTraffic(records, since), partitions);
    say('ingest');
    const usual = await drain(backing, {
      processes,
      rowsPerRecord: 1,
      ...(options.profile === undefined ? {} : { profileFolder: options.profile }),
    });
    const { rows } = await backing.owner.query<{ rows: number }>('select count(*)::int as rows from locations');
    if (rows[0]?.rows !== records) throw new Error(`${rows[0]?.rows} of ${records} rows are in Postgres`);
    const disk = await measureDisk(backing, records);
    const scenarios = await runScenarios(backing, { ...options, since, say });
    say('the raw limit');
    const raw = await measureRawLimit(backing, {
      rows: records,
      processes,
      partitions,
      since,
      rowsPerBatch: Math.round(usual.recordsPerBatch),
    });
    return {
      machine,
      options,
      usual,
      disk,
      raw,
      scenarios,
    };
  } finally {
    await backing.stop();
  }
}
