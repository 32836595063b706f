/**
 * What became of a record.
 * - `stored`: on every in-sync replica (acks = -1). Only this may be acknowledged. `resent`: an earlier attempt was not answered, and a copy
 *   of the record may be in the log before it, or come behind records that were appended later.
 * - `refused`: Kafka will never take this record (too large, invalid); sending it again is of no use.
 * - `withheld`: given up before it was known to be stored. It may be in the log or not: never acknowledge it.
 *   `replaced` by a newer one with the same `replaces`, `buffer_full`, or `closed` with the writer.
 */
export type AppendOutcome =
  | { kind: 'stored'; partition: number; offset: bigint; timestampMs: number; resent?: true }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'withheld'; code: 'replaced' | 'buffer_full' | 'closed'; message: string };

/** Who waits for a record's outcome. An object and no function: there is one for each message of a fleet, and a function brings its scope along. */
export interface OutcomeReceiver {
  settled(outcome: AppendOutcome): void;
}

/**
 * Who waits for the outcomes of records that were put together. Each has its own, and those that have the same in one row are told of
 * at once: `count` of them from the `first` on (0 is that of all). Where they are stored, the place is that of the first; see `placeOf`.
 */
export interface RunReceiver {
  settled(outcome: AppendOutcome, first: number, count: number): void;
}

/** The outcome of a record so many behind the one whose outcome this is: what is told of at once lies in the log in one row. */
export function placeOf(outcome: AppendOutcome, behind: number): AppendOutcome {
  return outcome.kind === 'stored' && behind > 0 ? { ...outcome, offset: outcome.offset + BigInt(behind) } : outcome;
}
