import { type Lease, presenceTimes } from '@milepost/contracts';
import { sleep } from '@milepost/runtime';
import { isLater } from '../log/stamp.js';

interface Keeper {
  readonly lease: Lease;
  /** `performance.now`. */
  readonly heardAtMs: number;
}

/** A keeper of whom nothing was heard for so long has ended, or will know that it is out before it goes on: its own leases are stale after 8 s. */
const GONE_AFTER_MS = 10_000;
/** How long a start waits for a keeper to be gone: one that was killed is, by then. */
const PATIENCE_MS = 14_000;
const LOOK_EACH_MS = 250;
/** The log's times say little where its clock is not ours: a keeper that lives is heard within that. */
const LISTEN_MS = 2 * presenceTimes.leaseIntervalMs;
/** Names of brokers that are remembered; the one that was heard of first is forgotten first. */
const MAX_REMEMBERED = 1_000;

/**
 * The other brokers that say in their leases that they keep the MQTT state of this installation. Two at a time would each restore all
 * sessions and publish the other's wills, so there is one: who comes while another lives is refused, and of two the later epoch stays
 * (decision 0023).
 */
export class OtherKeepers {
  private readonly newest = new Map<string, Keeper>();
  private highestEpoch = 0;
  /** Called with what it read last of another keeper. */
  private onKeeper: (lease: Lease) => void = () => undefined;

  /** Remembered. */
  get size(): number {
    return this.newest.size;
  }

  /** The highest epoch that one of them has said. */
  get lastEpoch(): number {
    return this.highestEpoch;
  }

  /** From now on each lease of another keeper is told. */
  watch(listener: (lease: Lease) => void): void {
    this.onKeeper = listener;
  }

  /** A lease of another node, as it stands in the log. `storedAtMs`: when, in the log's time; left out for one that has just come. */
  read(lease: Lease, storedAtMs = Date.now()): void {
    const before = this.newest.get(lease.node)?.lease;
    if (lease.role !== 'broker' || (before !== undefined && !isLater(lease, before))) return;
    this.newest.set(lease.node, { lease, heardAtMs: performance.now() - Math.max(0, Date.now() - storedAtMs) });
    if (this.newest.size > MAX_REMEMBERED) this.forgetFirst();
    if (lease.keepsState !== true) return;
    this.highestEpoch = Math.max(this.highestEpoch, lease.epoch);
    this.onKeeper(lease);
  }

  /** Resolves when none is alive. @throws Error when one still is after 14 s, which one that was killed is not. */
  async untilGone(): Promise<void> {
    const startedAtMs = performance.now();
    // A lease that was read may look old by a clock that is ahead of the log's; one that comes meanwhile is heard by ours.
    if (this.keepers().length > 0) await sleep(LISTEN_MS);
    for (let alive = this.alive(); alive !== undefined; alive = this.alive()) {
      const nowMs = performance.now();
      if (nowMs - startedAtMs > PATIENCE_MS)
        throw new Error(
          `Another broker, NODE_ID ${alive.lease.node}, keeps the MQTT state of this installation: it was heard ${Math.round(nowMs - alive.heardAtMs)} ms ago. ` +
            'Two would restore the same sessions. Stop the other one first, give this one a KAFKA_TOPIC_PREFIX of its own, or set BROKER_PROCESSES above 1 on both',
        );
      await sleep(LOOK_EACH_MS);
    }
  }

  private forgetFirst(): void {
    for (const node of this.newest.keys()) {
      this.newest.delete(node);
      return;
    }
  }

  private alive(): Keeper | undefined {
    const nowMs = performance.now();
    return this.keepers().find(({ heardAtMs }) => nowMs - heardAtMs < GONE_AFTER_MS);
  }

  /** Whose last word is that they keep the state. */
  private keepers(): Keeper[] {
    return [...this.newest.values()].filter(({ lease }) => lease.keepsState === true);
  }
}

/** Of two keepers the one whose epoch is later stays. Two of the same epoch began in the same millisecond: the later name stays. */
export function isOutdoneBy(own: Pick<Lease, 'node' | 'epoch'>, other: Pick<Lease, 'node' | 'epoch'>): boolean {
  return other.epoch !== own.epoch ? other.epoch > own.epoch : other.node > own.node;
}
