import type { Fault } from '@milepost/contracts';
import type { BoundStatement } from '@milepost/database';
import type { ItemContext } from '../messages/item-reading.js';

/** Where an item comes from: the record's offset, and its vehicle by compact ids. */
export interface ItemSource extends ItemContext {
  vehicle: number;
  organisationId: number;
  offset: bigint;
}

/** What every statement of a batch shares. */
export interface RowsContext {
  partition: number;
  feedEpoch: number;
}

/** The rows that the items of one topic become, collected as columns: an array a column, made once, handed to `unnest`. */
export interface TopicRows {
  /** Whether the topic's messages may be arrays. */
  readonly batches: boolean;
  /** Rows of the history. */
  readonly count: number;
  /** Rows of all tables: what a transaction is measured by. */
  readonly weight: number;
  /** The partitioned table and the UTC days (since 1970) that its rows fall on. */
  readonly table: PartitionedTable;
  readonly days: ReadonlySet<number>;
  /** Those that any row is about. */
  readonly vehicles: Iterable<number>;
  /** Reads one item as sent, and takes it in unless it has faults. */
  add(sent: unknown, pointer: string, source: ItemSource): readonly Fault[];
  /**
   * Takes in all items of a payload that is as most vehicles write it (not packed, no item refused before); false for any other, of which nothing is taken in.
   * Does what the general way does, at a fraction of its cost.
   */
  addPlain?(payload: Buffer, source: ItemSource): boolean;
  /** A record of a known vehicle has been read, whatever came of its items. */
  recordRead(source: ItemSource): void;
  /** What alerts may come of: run before the history is written, for they pass over what it has already. */
  conditions(): BoundStatement[];
  /** In the order in which they are to run; the first inserts into the history, and its row count is what was new. */
  statements(context: RowsContext): BoundStatement[];
}

export const partitionedTables = ['locations', 'diagnostics', 'status_reports'] as const;
export type PartitionedTable = (typeof partitionedTables)[number];

const DAY_MS = 86_400_000;
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);
export const noFaults: readonly Fault[] = [];
