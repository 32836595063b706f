import type { AppendOutcome, OutcomeReceiver } from './append-outcome.js';
import type { ProduceMessage } from './produce-message.js';

/** A record that waits for its outcome. One for each message of a fleet, so it holds no promise and no function of its own. */
export class QueuedRecord {
  private settled = false;
  /** Whoever flushes waits for it. */
  private watchers: (() => void)[] | undefined;

  constructor(
    readonly message: ProduceMessage,
    readonly replaces: string | undefined,
    private readonly receiver: OutcomeReceiver,
    /** The writer's own account, before whoever appended it is told. */
    private readonly account: (record: QueuedRecord, outcome: AppendOutcome) => void,
  ) {}

  /** Once; later calls are ignored. */
  settle(outcome: AppendOutcome): void {
    if (this.settled) return;
    this.settled = true;
    this.account(this, outcome);
    try {
      this.receiver.settled(outcome);
    } catch (error) {
      // A bug of whoever appended it: it must not stand between the other records of the batch and their outcomes, nor be lost.
      queueMicrotask(() => {
        throw error;
      });
    }
    for (const watcher of this.watchers ?? []) watcher();
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
}
