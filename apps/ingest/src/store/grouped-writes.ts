import type { Logger } from '@milepost/runtime';
import type { PreparedBatch } from '../batch/prepared-batch.js';
import type { IngestMetrics } from '../metrics.js';
import { Slots } from './slots.js';
import { type Fence, type FencedBatch, type WriteContext, type WriteOutcome, writeBatches } from './write-batches.js';

/** A larger batch is worth a transaction of its own. */
const maxRowsOfMember = 250;
const maxRowsOfGroup = 2_000;

interface Waiting extends FencedBatch {
  resolve(outcome: WriteOutcome): void;
  reject(error: unknown): void;
}

export interface GroupedWritesOptions extends WriteContext {
  /** Transactions at the same time. */
  concurrency: number;
  logger: Logger;
  metrics: IngestMetrics;
}

/**
 * At a low rate a partition's batch is a record or two, and the transaction costs more than they do: small batches of a topic that come in
 * the same turn of the event loop, as those of a fetch do, are written together. Whatever keeps a group from being written, an error of one
 * of them included, each of them is then written alone: what becomes of it never depends on its neighbours.
 */
export class GroupedWrites {
  readonly #options: GroupedWritesOptions;
  readonly #transactions: Slots;
  /** By topic. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(options: GroupedWritesOptions) {
    this.#options = options;
    this.#transactions = new Slots(options.concurrency);
  }

  /** As `writeBatches` of one. */
  write(batch: PreparedBatch, fence: Fence): Promise<WriteOutcome> {
    if (!mayJoin(batch)) return this.#writeAlone(batch, fence);
    return new Promise((resolve, reject) => {
      const one = { batch, fence, resolve, reject };
      const waiting = this.#waiting.get(batch.topic);
      if (waiting !== undefined) waiting.push(one);
      else {
        this.#waiting.set(batch.topic, [one]);
        setImmediate(() => this.#writeWaiting(batch.topic));
      }
    });
  }

  #writeWaiting(topic: string): void {
    const waiting = this.#waiting.get(topic) ?? [];
    this.#waiting.delete(topic);
    for (const members of groupsOf(waiting)) void this.#writeTogether(members);
  }

  async #writeTogether(members: readonly Waiting[]): Promise<void> {
    if (members.length > 1) {
      const stored = await this.#writeGroup(members);
      if (stored !== undefined) return settle(members, stored);
    }
    for (const { batch, fence, resolve, reject } of members) this.#writeAlone(batch, fence).then(resolve, reject);
  }

  /** Undefined when nothing was written; why is found out when its members are written one by one. */
  async #writeGroup(members: readonly Waiting[]): Promise<number | undefined> {
    const { metrics, logger } = this.#options;
    try {
      const outcome = await this.#transactions.run(() => writeBatches(members, this.#options));
      metrics.transactions.inc({ kind: outcome.kind === 'written' ? 'group' : 'group-undone' });
      return outcome.kind === 'written' ? outcome.stored : undefined;
    } catch (err) {
      metrics.transactions.inc({ kind: 'group-undone' });
      logger.debug({ event: 'ingest.group.undone', batches: members.length, err }, 'Small batches are written one by one');
      return undefined;
    }
  }

  #writeAlone(batch: PreparedBatch, fence: Fence): Promise<WriteOutcome> {
    this.#options.metrics.transactions.inc({ kind: 'alone' });
    return this.#transactions.run(() => writeBatches([{ batch, fence }], this.#options));
  }
}

/** Dead letters and conditions are rare, and are written by themselves. */
function mayJoin({ rows, deadLetters }: PreparedBatch): boolean {
  return rows.weight <= maxRowsOfMember && deadLetters.isEmpty && rows.conditions().length === 0;
}

/** In their order, as many together as one transaction should hold; none shares a vehicle with another, whose rows can be written once a statement. */
function groupsOf(waiting: readonly Waiting[]): Waiting[][] {
  const groups: { members: Waiting[]; rows: number; vehicles: Set<number> }[] = [];
  for (const one of waiting) {
    const { weight, vehicles } = one.batch.rows;
    const own = [...vehicles];
    let group = groups.at(-1);
    if (group === undefined || group.rows + weight > maxRowsOfGroup || own.some((vehicle) => group?.vehicles.has(vehicle))) {
      group = { members: [], rows: 0, vehicles: new Set() };
      groups.push(group);
    }
    group.members.push(one);
    group.rows += weight;
    for (const vehicle of own) group.vehicles.add(vehicle);
  }
  return groups.map(({ members }) => members);
}

/** How many of a group's rows were new is known of all of them together. */
function settle(members: readonly Waiting[], stored: number): void {
  let left = stored;
  for (const { batch, resolve } of members) {
    const own = Math.min(left, batch.rows.count);
    left -= own;
    resolve({ kind: 'written', stored: own });
  }
}
