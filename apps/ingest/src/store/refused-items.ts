import { type Fault, recordHeaders, topics } from '@milepost/contracts';
import { bound, classifyDatabaseError, isTemporary, stopped, withTransaction } from '@milepost/database';
import { headerText } from '@milepost/kafka';
import { type BatchRules, prepareBatch, type RefusedItems, type SentRecord } from '../batch/prepared-batch.js';
import { pointerTo } from '../messages/json-pointer.js';
import { parsePayload } from '../messages/parse-payload.js';
import { ensureDays } from '../partitions/daily-partitions.js';
import { type Patience, retrying } from './retrying.js';
import type { WriteContext } from './write-batches.js';

export interface SearchOptions extends WriteContext {
  rules: BatchRules;
  isStale(): boolean;
  /** Of a trial that Postgres was away or too slow for. */
  onRetry: Patience['onRetry'];
}

export type Search = { kind: 'found'; refused: RefusedItems } | { kind: 'stale' };

/** A thousand items with many culprits among them would take thousands of trials: past this, what was not yet cleared is refused together. */
const maxTrials = 200;

/**
 * Which items of a record that failed alone the database refuses, found by halving in transactions that are rolled back.
 * First a plain item of the same vehicle must go through: if it does not, the reason is not in the record.
 * @throws AppStopped when the plain neighbour fails too.
 */
export async function findRefusedItems(sent: SentRecord, failure: unknown, options: SearchOptions): Promise<Search> {
  const { record } = sent;
  const neighbour = await trial(plainNeighbour(sent), new Map(), options);
  if (neighbour.kind === 'stale') return neighbour;
  if (neighbour.kind === 'refused')
    throw stopped('ingest', `${record.topic}/${record.partition} at offset ${record.offset}, and a plain item likewise`, neighbour.error);

  const { count, batched } = itemsOf(sent);
  const refused = new Map<number, Fault>();
  const all = Array.from({ length: count }, (_, index) => index);
  const blame = (indexes: readonly number[], error: unknown) => {
    for (const index of indexes) refused.set(index, notStorable(batched ? pointerTo('', index) : '', error));
  };
  const suspects: { indexes: readonly number[]; error: unknown }[] = [{ indexes: all, error: failure }];
  for (let trials = 0; ; trials += 1) {
    const next = suspects.pop();
    if (next === undefined) return { kind: 'found', refused };
    const { indexes, error } = next;
    if (indexes.length === 1 || trials >= maxTrials) {
      blame(indexes, error);
      continue;
    }
    const middle = Math.ceil(indexes.length / 2);
    for (const half of [indexes.slice(0, middle), indexes.slice(middle)]) {
      const others = new Map(all.filter((index) => !half.includes(index)).map((index) => [index, notStorable('', '')]));
      const outcome = await trial(sent, others, options);
      if (outcome.kind === 'stale') return outcome;
      if (outcome.kind === 'refused') suspects.push({ indexes: half, error: outcome.error });
    }
  }
}

type Trial = { kind: 'taken' } | { kind: 'refused'; error: unknown } | { kind: 'stale' };

class TrialOver extends Error {}

/** Writes the rows, without position or dead letter, and rolls back. */
async function trial(sent: SentRecord, without: RefusedItems, options: SearchOptions): Promise<Trial> {
  const { pool, feedEpoch, rules, isStale, onRetry } = options;
  const { rows, partition } = prepareBatch([sent], rules, without);
  const attempt = async (): Promise<Trial> => {
    try {
      await ensureDays(pool, rows.table, rows.days);
      await withTransaction(pool, async (client) => {
        if (rows.count > 0)
          for (const { statement, values } of [...rows.conditions(), ...rows.statements({ partition, feedEpoch })])
            await client.query(bound(statement, values));
        throw new TrialOver();
      });
      return { kind: 'taken' };
    } catch (error) {
      if (error instanceof TrialOver) return { kind: 'taken' };
      if (classifyDatabaseError(error) === 'bisect') return { kind: 'refused', error };
      if (isTemporary(error)) throw error;
      throw stopped('ingest', 'a trial of a record', error);
    }
  };
  const tried = await retrying(attempt, { isOver: isStale, onRetry });
  return tried.kind === 'over' ? { kind: 'stale' } : tried.value;
}

/** A record as plain as can be, of the same vehicle and now. */
function plainNeighbour({ record, sender }: SentRecord): SentRecord {
  const now = Date.now();
  const item = {
    [topics.location]: { recordedAt: now, latitude: 51.5, longitude: 7.5 },
    [topics.diagnostics]: { recordedAt: now, signals: { 'Vehicle.Speed': 0 } },
    [topics.status]: { status: 'online' },
  }[record.topic];
  return { sender, record: { ...record, headers: {}, timestampMs: now, value: Buffer.from(JSON.stringify(item)) } };
}

function itemsOf({ record }: SentRecord): { count: number; batched: boolean } {
  const contentEncoding = headerText(record, recordHeaders.contentEncoding);
  const parsed = parsePayload(record.value, { contentEncoding, batches: record.topic === topics.location });
  return parsed.ok ? { count: parsed.items.length, batched: parsed.batched } : { count: 0, batched: false };
}

function notStorable(pointer: string, error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'not_storable', pointer, message: `the database refuses it: ${message}` };
}
