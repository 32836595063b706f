import {
  type BatchRow,
  findSnapshots,
  oldestSnapshotMs,
  type Pool,
  readBatches,
  readSnapshot,
  type SnapshotRow,
  sql,
} from '@milepost/database';
import {
  HISTORY_FORMAT,
  type PackedBatch,
  type PartitionClock,
  type RecordedBatch,
  type ReplayedIncident,
  type StormSettings,
  unpackBatch,
  type VehicleState,
} from '@milepost/presence';
import { CliError } from '../cli-error.js';

const realIncidents = sql('backtest/incidents');

export type Snapshot = SnapshotRow<PartitionClock, StormSettings>;

/** One snapshot of each partition, all before a time, by partition. @throws CliError that says from when on it is possible. */
export async function snapshotsBefore(pool: Pool, sinceMs: number): Promise<Snapshot[]> {
  const found = await findSnapshots<PartitionClock, StormSettings>(pool, sinceMs, HISTORY_FORMAT);
  const byPartition = found.sort((one, other) => one.partition - other.partition);
  const partitions = Math.max(0, ...found.map((one) => one.partitions));
  if (partitions > 0 && byPartition.length === partitions) return byPartition;
  const oldestMs = await oldestSnapshotMs(pool, HISTORY_FORMAT);
  const since = new Date(sinceMs).toISOString();
  if (oldestMs === undefined)
    throw new CliError(
      `There is no snapshot of every presence partition yet, so nothing can be replayed. alerts of this version takes the first when it starts, then one a day; ask again for a time after that.`,
    );
  throw new CliError(
    `No snapshot of every presence partition was taken before ${since}: the oldest possible --since is ${new Date(Math.ceil(oldestMs)).toISOString()}. Snapshots and history are kept for 36 days.`,
  );
}

/** The state that a snapshot kept. */
export async function restore(pool: Pool, { id, clock, vehicles: count, policyVersion, partition }: Snapshot) {
  const { vehicles, closed } = await readSnapshot<VehicleState>(pool, id);
  if (vehicles.length !== count)
    throw new CliError(
      `The snapshot of partition ${partition} has ${vehicles.length} of its ${count} vehicles: its pieces are damaged or gone.`,
    );
  return { stored: { clock, vehicles, closed: closed.map(([key, atMs]) => ({ id: key, atMs })) }, policyVersion };
}

/**
 * Batches behind the snapshots, in the order in which they were applied, up to the newest that stood when the backtest began.
 * @throws CliError where one is missing.
 */
export async function* batchesBehind(
  pool: Pool,
  snapshots: readonly Snapshot[],
  ends: ReadonlyMap<number, number>,
): AsyncGenerator<RecordedBatch> {
  const last = new Map(snapshots.map(({ partition, batchId }) => [partition, batchId]));
  const from = Math.min(...last.values());
  const to = Math.max(from, ...ends.values());
  for await (const row of readBatches<PackedBatch>(pool, from, to)) {
    const { id, partition, content } = row;
    const before = last.get(partition) ?? Number.POSITIVE_INFINITY;
    if (id <= before || id > (ends.get(partition) ?? 0)) continue;
    if (content.p !== before) throw hole(row, before);
    last.set(partition, id);
    yield batchOf(row);
  }
}

function hole({ partition, logTimeMs, content: { p: previous } }: BatchRow<PackedBatch>, before: number): CliError {
  const at = logTimeMs === null ? '' : ` before ${new Date(logTimeMs).toISOString()}`;
  return new CliError(
    `The history of partition ${partition} has a hole${at}: behind batch ${before} there should be batch ${previous}. ` +
      'Rows of presence_batches were deleted; ask for a --since behind the next daily snapshot.',
  );
}

function batchOf({ id, format, content, logTimeMs, ...row }: BatchRow<PackedBatch>): RecordedBatch {
  if (format !== HISTORY_FORMAT)
    throw new CliError(
      `Batch ${id} of the history has format ${format}, and this version reads ${HISTORY_FORMAT}. Use the version that wrote it.`,
    );
  return { ...row, ...(logTimeMs !== null && { logTimeMs }), ...unpackBatch(content) };
}

interface IncidentRow extends Omit<ReplayedIncident, 'node' | 'closed' | 'closedAtMs' | 'members'> {
  node: string | null;
  closedAtMs: number | null;
  members: string[];
}

/** Incidents as their table has them, of those that were open at some time from one to another. */
export async function incidentsIn(pool: Pick<Pool, 'query'>, fromMs: number, toMs: number): Promise<ReplayedIncident[]> {
  const { rows } = await pool.query<IncidentRow>({ ...realIncidents, values: [fromMs, toMs] });
  return rows.map(({ node, closedAtMs, members, ...row }) => ({
    ...row,
    ...(node !== null && { node }),
    closed: closedAtMs !== null,
    ...(closedAtMs !== null && { closedAtMs }),
    members: new Set(members),
  }));
}

/** Incidents that were open when the snapshot of the partition that tends them was taken: behind it nothing tells of the end of the others. */
export function openBehind(snapshots: readonly Pick<Snapshot, 'logTimeMs'>[], incidents: readonly ReplayedIncident[]): ReplayedIncident[] {
  return incidents
    .filter(({ partition, openedAtMs, closedAtMs = Number.POSITIVE_INFINITY }) => {
      const takenAtMs = snapshots[partition]?.logTimeMs ?? Number.NEGATIVE_INFINITY;
      return openedAtMs <= takenAtMs && closedAtMs > takenAtMs;
    })
    .map(({ closedAtMs, ...incident }) => ({ ...incident, closed: false }));
}
