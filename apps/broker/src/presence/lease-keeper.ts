import { presenceTimes } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { backoffMs, type Logger, sleep } from '@milepost/runtime';
import type { PresencePublisher } from './presence-publisher.js';

/** What the keeper needs to know of the log before it takes a new epoch. */
export interface PresenceHistory {
  /** Resolves when everything that is in the log now was looked at, and the connections replaced by newer ones are closed. */
  readToEnd(signal: AbortSignal): Promise<void>;
  /** Of this node, by whatever process. */
  readonly lastSeenEpoch: number;
}

export interface LeaseKeeperOptions {
  publisher: PresencePublisher;
  history: PresenceHistory;
  partitions: number;
  /** Another process writes under this node's name, and began later. Without it a node takes an epoch above whatever it reads. */
  onTwin?: (error: Error) => void;
  logger: Logger;
  now?: () => number;
}

const RETRY = { baseMs: 250, maxMs: 2_000 };
/** In the log's time: others find a writer lost when so much lies behind its last lease, and not sooner. */
const COUNTED_OUT_AFTER_MS = presenceTimes.leasesUntilLost * presenceTimes.countedLeaseGapMs;

/** Signs of life in every presence partition, and the way back for a node that was taken for lost. */
export class LeaseKeeper {
  private readonly acknowledgedAtMs: number[];
  /** By partition: where the log's clock (LogAppendTime) stood at the newest lease of this epoch. */
  private storedAtMs: number[] = [];
  private mayBeCountedOut = false;
  private readonly options: LeaseKeeperOptions;
  private readonly now: () => number;
  private readonly stopping = new AbortController();
  /**
   * `returning`: the log is being read, and no lease goes out. `announcing`: the connections of a new epoch are on their way to Kafka; a further
   * epoch before they are there would only queue them once more, with every beat of an outage.
   */
  private state: 'steady' | 'returning' | 'announcing' = 'steady';
  private timer: NodeJS.Timeout | undefined;
  private epochs = 0;

  constructor(options: LeaseKeeperOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.acknowledgedAtMs = new Array<number>(options.partitions).fill(this.now());
  }

  /** How long ago Kafka stored the oldest of the newest leases. */
  get ageMs(): number {
    return this.now() - Math.min(...this.acknowledgedAtMs);
  }

  start(): void {
    this.tick();
    this.timer = setInterval(() => this.tick(), presenceTimes.leaseIntervalMs);
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopping.abort();
  }

  /** One beat: a lease to every partition, or the return of a node whose last one is too old. */
  tick(): void {
    if (this.state === 'returning') return;
    if (this.state === 'steady' && (this.isStale() || this.mayBeCountedOut)) {
      void this.returnWithNewEpoch(this.isStale() ? STALE : COUNTED_OUT);
      return;
    }
    this.hasFoundTwin();
    for (let partition = 0; partition < this.options.partitions; partition++)
      this.follow(partition, this.options.publisher.lease(partition));
  }

  /** To be called when the log was read after this process began: takes a new epoch, though no lease is stale, if the log knows a later one than its own. */
  async followHistory(): Promise<void> {
    if (this.options.history.lastSeenEpoch > this.options.publisher.epoch) await this.returnWithNewEpoch(EPOCH_BEHIND);
  }

  private async returnWithNewEpoch(why: Reason): Promise<void> {
    if (this.state === 'returning') return;
    this.state = 'returning';
    const { history, publisher, logger } = this.options;
    const ageMs = this.ageMs;
    logger.warn({ event: why.event, leaseAgeMs: ageMs, seenEpoch: history.lastSeenEpoch }, why.message);
    if (!(await this.hasRead(history))) return;
    // Whoever took this name meanwhile has the node's place: an epoch above theirs would end them, and go on with what they replaced.
    if (this.options.onTwin !== undefined && this.hasFoundTwin()) return;
    this.epochs += 1;
    const epoch = nextEpoch(this.now(), Math.max(history.lastSeenEpoch, publisher.epoch));
    this.acknowledgedAtMs.fill(this.now());
    this.storedAtMs = [];
    this.mayBeCountedOut = false;
    const { announced, leases } = publisher.beginEpoch(epoch);
    leases.forEach((outcome, partition) => {
      this.follow(partition, outcome);
    });
    this.state = 'announcing';
    const { epochs } = this;
    void announced.then(() => {
      if (this.state === 'announcing' && epochs === this.epochs) this.state = 'steady';
    });
    logger.warn(
      { event: 'broker.presence.resumed', epoch, leaseAgeMs: ageMs },
      'The node took a new epoch and announced its connections again',
    );
  }

  /** Two processes of one name close each other's connections in the books: that must be heard. */
  private hasFoundTwin(): boolean {
    const { history, publisher, logger } = this.options;
    if (history.lastSeenEpoch <= publisher.epoch) return false;
    logger.error(
      { event: 'broker.presence.node_id_taken', node: publisher.node, epoch: publisher.epoch, seenEpoch: history.lastSeenEpoch },
      TWIN,
    );
    this.options.onTwin?.(new Error(TWIN));
    return true;
  }

  private isStale(): boolean {
    return this.ageMs > presenceTimes.staleLeaseMs;
  }

  /** A lease that comes back after others may have counted this node out does not make it fresh again. */
  private follow(partition: number, outcome: Promise<AppendOutcome>): void {
    const { epochs } = this;
    void outcome.then((lease) => {
      if (lease.kind !== 'stored' || epochs !== this.epochs) return;
      this.compareWithLog(partition, lease);
      const nowMs = this.now();
      if (nowMs - (this.acknowledgedAtMs[partition] ?? 0) <= presenceTimes.staleLeaseMs) this.acknowledgedAtMs[partition] = nowMs;
    });
  }

  /** Our own clock may have stood still with the machine, or been set back, while others went on: they judge by the log's. */
  private compareWithLog(partition: number, { timestampMs, resent }: StoredLease): void {
    const before = this.storedAtMs[partition] ?? timestampMs;
    if (timestampMs - before >= COUNTED_OUT_AFTER_MS) this.mayBeCountedOut = true;
    // Of a lease that was sent twice the copy that counts may be the first, which is older.
    if (resent !== true) this.storedAtMs[partition] = Math.max(before, timestampMs);
  }

  private async hasRead(history: PresenceHistory): Promise<boolean> {
    const { signal } = this.stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await history.readToEnd(signal);
        return !signal.aborted;
      } catch (err) {
        this.options.logger.debug({ event: 'broker.presence.unreadable', err }, 'The presence log cannot be read to its end yet');
        await sleep(backoffMs(attempt, RETRY), signal);
      }
    }
    return false;
  }
}

type StoredLease = Extract<AppendOutcome, { kind: 'stored' }>;

/** Why a node takes a new epoch. */
interface Reason {
  readonly event: string;
  readonly message: string;
}
const STALE: Reason = { event: 'broker.presence.stale', message: 'The last lease is too old; others may take this node for lost' };
const COUNTED_OUT: Reason = {
  event: 'broker.presence.counted_out',
  message:
    'The log went on for long between two leases that were in time by the clock of this host; others may have taken this node for lost',
};
const EPOCH_BEHIND: Reason = {
  event: 'broker.presence.epoch_behind',
  message: 'The log knows a later epoch of this node than it began with; others take what it says for old',
};

const TWIN = 'Another process writes presence under this NODE_ID. Give each broker process a NODE_ID, or a PROCESS_INDEX, of its own';

/** DESIGN: the larger of the time in ms and the node's last seen epoch + 1. */
export function nextEpoch(nowMs: number, lastSeenEpoch: number): number {
  return Math.max(nowMs, lastSeenEpoch + 1);
}
