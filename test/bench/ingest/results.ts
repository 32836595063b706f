import type { Disk } from './disk.js';
import type { Drain } from './drain.js';
import type { IngestBenchOptions } from './options.js';
import type { RawLimit } from './raw-limit.js';
import type { Scenario } from './scenarios.js';

export interface IngestBenchResults {
  machine: string;
  options: IngestBenchOptions;
  usual: Drain;
  disk: Disk;
  raw: RawLimit;
  scenarios: Scenario[];
}

/** The tables as they are printed. */
export function formatResults({ machine, options, usual, disk, raw, scenarios }: IngestBenchResults): string {
  const { early, half, end, most } = usual.residentMib;
  const cpu = (name: string, perRow: number) => `  ${name.padEnd(34)}${perRow.toFixed(2).padStart(10)}`;
  const usualCpu = totalCpu(usual);
  return [
    '',
    machine,
    `${options.records} location records, ${options.processes} ingest processes, ${options.partitions} partitions, ${usual.recordsPerBatch.toFixed(0)} records a transaction${options.databaseApart ? ', Postgres on a core of its own' : ''}`,
    '',
    `  from Kafka into Postgres    ${usual.rowsPerSecond.toFixed(0)} rows/s (all of it in ${usual.seconds.toFixed(1)} s, start of the processes included)`,
    `  the raw limit               ${raw.rowsPerSecond.toFixed(0)} rows/s (the same statements fed from memory)`,
    `  of the raw limit            ${((usual.rowsPerSecond / raw.rowsPerSecond) * 100).toFixed(1)} %`,
    `  ingest, resident MiB        ${early.toFixed(0)} at a tenth, ${half.toFixed(0)} at the half, ${end.toFixed(0)} at the end, ${most.toFixed(0)} at most`,
    `  on disk, bytes               ${disk.kafka.toFixed(0)} a record in one copy of the log; ${disk.heap.toFixed(0)} a row and ${disk.indexes.toFixed(0)} of its indexes`,
    '',
    '  process                        CPU µs a row',
    ...usual.cpuMicroseconds.map(({ name, perRow }) => cpu(name, perRow)),
    cpu('all', usualCpu),
    cpu('raw limit: writers', raw.writerMicroseconds),
    cpu('raw limit: Postgres', raw.postgresMicroseconds),
    '',
    ...(scenarios.length === 0 ? [] : ['  path                                rows/s  CPU µs a row   to usual']),
    ...scenarios.map(
      ({ name, drain }) =>
        `  ${name.padEnd(34)}${drain.rowsPerSecond.toFixed(0).padStart(8)}${totalCpu(drain).toFixed(2).padStart(14)}${(totalCpu(drain) / usualCpu).toFixed(2).padStart(11)}`,
    ),
    ...scenarios.flatMap(({ note }) => (note === undefined ? [] : ['', `  ${note}`])),
    '',
  ].join('\n');
}

function totalCpu({ cpuMicroseconds }: Drain): number {
  return cpuMicroseconds.reduce((sum, { perRow }) => sum + perRow, 0);
}
