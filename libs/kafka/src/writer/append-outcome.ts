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
