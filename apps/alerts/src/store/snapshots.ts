import { packJson, sql } from '@milepost/database';
import { HISTORY_FORMAT, type PresencePartition, type StormSettings } from '@milepost/presence';
import type { PoolClient } from 'pg';
import type { Place } from './facts.js';

const recorded = sql('alerts/store/recorded-to');
const saveSnapshot = sql('alerts/store/save-snapshot');
const savePiece = sql('alerts/store/save-snapshot-piece');

const DAY_MS = 86_400_000;
/** Partitions take theirs one after another within the first hour of the day (UTC, log time). */
const SPREAD_MS = 3_600_000;
const VEHICLES_A_PIECE = 1_000;
const CLOSED_A_PIECE = 20_000;

export interface SnapshotTaken {
  logTimeMs: number;
  vehicles: number;
  bytes: number;
}

/** Where the record of a partition stands. */
export interface RecordedTo {
  /** The newest batch; undefined when there is none. */
  batchId: number | undefined;
  /** Log time of the newest snapshot; undefined when there is none that this version can read. */
  snapshotAtMs: number | undefined;
}

export async function recordedTo(client: PoolClient, clusterId: string, partition: number): Promise<RecordedTo> {
  const values = [clusterId, partition, HISTORY_FORMAT];
  const { rows } = await client.query<{ batchId: number | null; snapshotAtMs: number | null }>({ ...recorded, values });
  return { batchId: rows[0]?.batchId ?? undefined, snapshotAtMs: rows[0]?.snapshotAtMs ?? undefined };
}

/** Whether a day of the partition has begun since its last snapshot; a partition without one takes it at once. */
export function isSnapshotDue(logTimeMs: number, lastAtMs: number | undefined, { partition, partitions }: Place): boolean {
  if (lastAtMs === undefined) return true;
  const dayOf = (atMs: number) => Math.floor((atMs - (SPREAD_MS * partition) / partitions) / DAY_MS);
  return dayOf(logTimeMs) > dayOf(lastAtMs);
}

/** Keeps the partition's whole state once a day, in the transaction of the batch behind which it is. */
export async function takeSnapshotIfDue(
  client: PoolClient,
  presence: PresencePartition,
  lastAtMs: number | undefined,
  { place, batchId, storm }: { place: Place; batchId: number; storm: StormSettings },
): Promise<SnapshotTaken | undefined> {
  const { clock } = presence;
  if (clock.logTimeMs === undefined || !isSnapshotDue(clock.logTimeMs, lastAtMs, place)) return undefined;
  const vehicles = [...presence.vehicles()];
  const { clusterId, partition, partitions } = place;
  const head = [clusterId, partition, partitions, batchId, presence.policyVersion, clock.logTimeMs, vehicles.length, HISTORY_FORMAT];
  const { rows } = await client.query<{ id: number }>({ ...saveSnapshot, values: [...head, JSON.stringify(clock), JSON.stringify(storm)] });
  let piece = 0;
  let bytes = 0;
  const save = async (kind: 'vehicles' | 'closed', content: unknown[]) => {
    const packed = await packJson(content);
    await client.query({ ...savePiece, values: [rows[0]?.id, piece, kind, packed] });
    piece += 1;
    bytes += packed.length;
  };
  for (const part of piecesOf(vehicles, VEHICLES_A_PIECE)) await save('vehicles', part);
  const closed = [...presence.closedConnections()].map(({ id, atMs }) => [id, atMs]);
  for (const part of piecesOf(closed, CLOSED_A_PIECE)) await save('closed', part);
  return { logTimeMs: clock.logTimeMs, vehicles: vehicles.length, bytes };
}

function* piecesOf<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
