import type { AppendOutcome, RunReceiver } from './append-outcome.js';
import type { ProduceMessage } from './produce-message.js';

const NONE: readonly QueuedRecord[] = [];

/** A record that waits for its outcome. One for each message of a fleet, so it holds no promise and no function of its own. */
export class QueuedRecord {
  private settled = false;
  /** Whoever flushes waits for it. */
  private watchers: (() => void)[] | undefined;

  constructor(
    readonly message: ProduceMessage,
    readonly replaces: string | undefined,
    private readonly receiver: RunReceiver,
    /** The writer's own account, before whoever appended it is told. */
    private readonly account: (record: QueuedRecord, outcome: AppendOutcome) => void,
    /** Of those that were put together. */
    private readonly index = 0,
  ) {}

  /** Those behind this one, which is at `at`, that were put together with it and stand in one row: their outcome can be told at once. */
  rowBehind(among: readonly QueuedRecord[], at: number): readonly QueuedRecord[] {
    let length = 1;
    for (let next = among[at + 1]; next?.follows(this, length) === true; next = among[at + length]) length += 1;
    return length === 1 ? NONE : among.slice(at + 1, at + length);
  }

  /** Once; later calls are ignored. `behind`: as `rowBehind` says. */
  settle(outcome: AppendOutcome, behind: readonly QueuedRecord[] = NONE): void {
    if (this.settled) return;
    this.close(outcome);
    for (const record of behind) record.close(outcome);
    try {
      this.receiver.settled(outcome, this.index, 1 + behind.length);
    } catch (error) {
      // A bug of whoever appended it: it must not stand between the other records of the batch and their outcomes, nor be lost.
      queueMicrotask(() => {
        throw error;
      });
    }
    this.tellWatchers();
    for (const record of behind) record.tellWatchers();
  }

  /** Calls when it is settled. */
  watch(watcher: () => void): void {
    if (this.settled) {
      watcher();
      return;
    }
    this.watchers ??= [];
    this.watchers.push(watcher);
  }

  private close(outcome: AppendOutcome): void {
    this.settled = true;
    this.account(this, outcome);
  }

  private tellWatchers(): void {
    for (const watcher of this.watchers ?? []) watcher();
  }

  private follows(first: QueuedRecord, behind: number): boolean {
    return this.receiver === first.receiver && this.index === first.index + behind && this.settled === first.settled;
  }
}
