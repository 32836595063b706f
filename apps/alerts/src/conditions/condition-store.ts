import type { ConditionFact } from '@milepost/contracts';
import { advisoryLocks, sql } from '@milepost/database';
import { type ConditionSubject, noConditions, type PlacedFact, type VehicleConditions } from '@milepost/presence';
import type { PoolClient } from 'pg';

const lockShard = sql('conditions/lock-shard');
const takeFactsOf = sql('conditions/take-facts');
const takeDueOf = sql('conditions/take-due');
const load = sql('conditions/load');
const save = sql('conditions/save');

/** Of vehicles; as in the columns `shard` of migrations/0013_conditions.sql. */
export const SHARDS = 16;

/** Other shards wait meanwhile, and calls for help in them. */
const LOCK_PATIENCE = '500ms';

/** False when another process judges the shard's vehicles now. Held until the transaction ends. */
export async function isLocked(client: PoolClient, shard: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>({ ...lockShard, values: [advisoryLocks.conditionShard, shard, LOCK_PATIENCE] });
  return rows[0]?.locked === true;
}

export interface WaitingFact extends ConditionSubject, PlacedFact {
  fact: ConditionFact;
}

/** Deletes facts of a shard, the oldest first, and answers with them: they are judged in this transaction, or stay. */
export async function takeFacts(client: PoolClient, shard: number, limit: number): Promise<WaitingFact[]> {
  const { rows } = await client.query<WaitingFact>({ ...takeFactsOf, values: [shard, limit] });
  return rows;
}

/** Vehicles whose time to be looked at has come. */
export async function takeDue(client: PoolClient, shard: number, nowMs: number, limit: number): Promise<ConditionSubject[]> {
  const { rows } = await client.query<ConditionSubject>({ ...takeDueOf, values: [shard, nowMs, limit] });
  return rows;
}

export async function loadConditions(client: PoolClient, vehicles: number[]): Promise<(vehicle: number) => VehicleConditions> {
  const { rows } = await client.query<{ vehicle: number; machine: VehicleConditions }>({ ...load, values: [vehicles] });
  const known = new Map(rows.map(({ vehicle, machine }) => [vehicle, machine]));
  return (vehicle) => known.get(vehicle) ?? noConditions;
}

export interface SavedConditions {
  subject: ConditionSubject;
  state: VehicleConditions;
  dueAtMs: number | undefined;
}

export async function saveConditions(client: PoolClient, saved: readonly SavedConditions[]): Promise<void> {
  if (saved.length === 0) return;
  const values = [
    saved.map(({ subject }) => subject.vehicle),
    saved.map(({ subject }) => subject.organisationId),
    saved.map(({ dueAtMs }) => dueAtMs ?? null),
    saved.map(({ state }) => JSON.stringify(state)),
  ];
  await client.query({ ...save, values });
}
