import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { topics } from '@milepost/contracts';
import { usageOfTree } from '../pipeline/process-usage.js';
import type { Backing } from './backing.js';
import type { RawOrder, RawReport } from './raw-protocol.js';
import { vehicles } from './traffic.js';

/** Rows that wait in the memory of a process; more are made while the clock stands. */
const rowsPerWave = 100_000;
/** The default of INGEST_PARTITIONS_CONCURRENTLY. */
const connectionsPerProcess = 4;
const warmUpRows = 20_000;
const clusterId = 'raw-limit';

export interface RawLimit {
  rows: number;
  rowsPerSecond: number;
  writerMicroseconds: number;
  postgresMicroseconds: number;
}

export interface RawOptions {
  rows: number;
  processes: number;
  partitions: number;
  rowsPerBatch: number;
  since: number;
}

/** How fast Postgres takes the same statements when nothing has to be read, parsed or judged. Leaves the tables as it found them: empty. */
export async function measureRawLimit(backing: Backing, options: RawOptions): Promise<RawLimit> {
  const { rows, processes, partitions, rowsPerBatch } = options;
  const vehiclesPerPartition = Math.ceil(vehicles / partitions);
  const postgres = backing.processes.find(({ name }) => name === 'postgres');
  if (postgres === undefined) throw new Error('Postgres is no process of this run');
  await arrange(backing, processes * connectionsPerProcess);
  const writers = Array.from({ length: processes }, () => fork(fileURLToPath(new URL('./raw-writer.js', import.meta.url))));
  try {
    let since = options.since;
    let written = 0;
    const total = { seconds: 0, writer: 0, postgres: 0 };
    const wave = async (wanted: number) => {
      const batches = Math.max(1, Math.round(wanted / processes / connectionsPerProcess / rowsPerBatch));
      const prepare = (index: number): RawOrder => ({
        kind: 'prepare',
        databaseUrl: backing.databaseUrl,
        clusterId,
        partitions: Array.from({ length: connectionsPerProcess }, (_, lane) => index * connectionsPerProcess + lane),
        batches,
        rowsPerBatch,
        vehiclesPerPartition,
        since,
      });
      await Promise.all(writers.map((writer, index) => ask(writer, prepare(index), 'ready')));
      since += batches * rowsPerBatch * 10;
      const before = usageOfTree(postgres.pid).cpuSeconds;
      const reports = await Promise.all(writers.map((writer) => ask(writer, { kind: 'write' }, 'written')));
      return {
        rows: batches * rowsPerBatch * connectionsPerProcess * processes,
        seconds: Math.max(...reports.map(({ seconds }) => seconds)),
        writer: reports.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        postgres: usageOfTree(postgres.pid).cpuSeconds - before,
      };
    };
    await wave(warmUpRows);
    while (written < rows) {
      const done = await wave(Math.min(rowsPerWave * processes, rows - written));
      written += done.rows;
      total.seconds += done.seconds;
      total.writer += done.writer;
      total.postgres += done.postgres;
    }
    return {
      rows: written,
      rowsPerSecond: written / total.seconds,
      writerMicroseconds: (total.writer / written) * 1e6,
      postgresMicroseconds: (total.postgres / written) * 1e6,
    };
  } finally {
    await Promise.all(writers.map(end));
    await backing.owner.query('truncate locations, latest_positions');
    await backing.owner.query('delete from kafka_offsets where cluster_id = $1', [clusterId]);
  }
}

async function arrange({ owner }: Backing, lanes: number): Promise<void> {
  await owner.query(
    `select ensure_partition('locations', d::date) from generate_series(current_date - 2, current_date + 1, interval '1 day') as d`,
  );
  await owner.query('truncate locations, latest_positions');
  await owner.query(
    `insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset, complete_until)
     select 'ingest', $1, $2, lane, 0, now() from generate_series(0, $3 - 1) as lane`,
    [clusterId, topics.location, lanes],
  );
}

function ask<K extends RawReport['kind']>(writer: ChildProcess, order: RawOrder, answer: K): Promise<Extract<RawReport, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a process of the raw limit ended with exit code ${code}`));
    writer.once('exit', onExit);
    writer.once('message', (report: RawReport) => {
      writer.off('exit', onExit);
      if (report.kind === answer) resolve(report as Extract<RawReport, { kind: K }>);
      else reject(new Error(report.kind === 'failed' ? report.message : `a process of the raw limit answered ${report.kind}`));
    });
    writer.send(order);
  });
}

async function end(writer: ChildProcess): Promise<void> {
  if (writer.exitCode !== null || writer.signalCode !== null) return;
  const exited = once(writer, 'exit');
  writer.send({ kind: 'end' } satisfies RawOrder);
  await exited;
}
