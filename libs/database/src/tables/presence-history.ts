import type { Pool, PoolClient } from 'pg';
import { sql } from '../statements/sql.js';
import { unpackJson } from './packed.js';

const snapshots = sql('backtest/snapshots');
const oldest = sql('backtest/oldest');
const pieces = sql('backtest/pieces');
const ends = sql('backtest/ends');
const batches = sql('backtest/batches');

const BATCHES = 1_000;

/** A snapshot of a presence partition; times are log time. `C` and `S` are what libs/presence makes of clock and storm settings. */
export interface SnapshotRow<C, S> {
  id: number;
  partition: number;
  partitions: number;
  batchId: number;
  policyVersion: number;
  logTimeMs: number;
  vehicles: number;
  clock: C;
  storm: S;
}

/** A batch of presence as it was applied. `B` is what libs/presence packs. */
export interface BatchRow<B> {
  id: number;
  partition: number;
  policyVersion: number;
  loaded: boolean;
  logTimeMs: number | null;
  clockMs: number;
  format: number;
  content: B;
}

type Client = Pool | PoolClient;

/** The newest snapshot of each partition at or before a log time. */
export async function findSnapshots<C, S>(client: Client, atMs: number, format: number): Promise<SnapshotRow<C, S>[]> {
  return (await client.query<SnapshotRow<C, S>>({ ...snapshots, values: [atMs, format] })).rows;
}

/** The log time from which on every partition has a snapshot; undefined while one has none. */
export async function oldestSnapshotMs(client: Client, format: number): Promise<number | undefined> {
  return (await client.query<{ oldestMs: number | null }>({ ...oldest, values: [format] })).rows[0]?.oldestMs ?? undefined;
}

/** What is in a snapshot: vehicles (`V`), and ids of ended connections with when they ended. */
export async function readSnapshot<V>(client: Client, id: number): Promise<{ vehicles: V[]; closed: [id: string, atMs: number][] }> {
  const { rows } = await client.query<{ kind: 'vehicles' | 'closed'; content: Buffer }>({ ...pieces, values: [id] });
  const whole = { vehicles: [] as V[], closed: [] as [string, number][] };
  for (const { kind, content } of rows) {
    if (kind === 'vehicles') for (const vehicle of await unpackJson<V[]>(content)) whole.vehicles.push(vehicle);
    else for (const ended of await unpackJson<[string, number][]>(content)) whole.closed.push(ended);
  }
  return whole;
}

/** The newest batch of each partition behind one. */
export async function lastBatches(client: Client, afterId: number): Promise<Map<number, number>> {
  const { rows } = await client.query<{ partition: number; batchId: number }>({ ...ends, values: [afterId] });
  return new Map(rows.map(({ partition, batchId }) => [partition, batchId]));
}

/** Batches behind one, up to another, in their order; a page of them in memory at a time. */
export async function* readBatches<B>(client: Client, afterId: number, lastId: number): AsyncGenerator<BatchRow<B>> {
  for (let after = afterId; ; ) {
    const { rows } = await client.query<BatchRow<Buffer>>({ ...batches, values: [after, lastId, BATCHES] });
    for (const row of rows) yield { ...row, content: await unpackJson<B>(row.content) };
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCHES) return;
    after = last.id;
  }
}
