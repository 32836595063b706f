export interface FetchPaceLimits {
  /** Least time from one fetch that brought something to the next, ms; 0: fetches are not spread at all. */
  leastMs: number;
  /** Most time of it, ms, however long batches take; below `leastMs` that is the most. */
  mostMs: number;
}

/** From fetch to fetch, as a multiple of what its batches took: of this time less than a half is work. */
const TIMES_THE_WORK = 2.5;
/** A record in the middle waits for half of the time from fetch to fetch, and then for the work: together no longer than this, where the work allows it. */
const MIDDLE_MS = 12;
/** So much of the least time is waited at the most where work takes little: whoever sets it lower has rows earlier. */
const TIMES_THE_LEAST = 1.75;

/**
 * Spreads fetches: one costs Kafka and the client the same whether it brings one record or a thousand, and so does what is done with each. The
 * longer batches take, for the rate or for the machine, the more the next ones bring together; and where they take little, what they leave of
 * `MIDDLE_MS` is waited. The first record after a pause does not wait, for a fetch stands open then; nor does a batch that left something in the
 * log, though the next fetch waits for the others of its own.
 *
 * How long batches take is the one in the middle of a partition's last three: a commit that the disk held up says nothing of the next ones, and
 * what waited for it would wait for the rest too.
 *
 * A batch that rests keeps the place that it was handed over in. So `partitionsConcurrently` has to be no less than the partitions that one member
 * may have: with fewer places, batches that came together would rest one after the other.
 */
export class FetchPace {
  /** What the last two batches of a partition took, ms. */
  private readonly lastTwo = new Map<string, readonly [number, number]>();

  constructor(private readonly limits: FetchPaceLimits) {}

  /** How long the next fetch waits after a batch of `partition` that took `tookMs` since it came, ms. `isBehind`: the log had more than was fetched. */
  restMs(partition: string, tookMs: number, isBehind: boolean): number {
    const { leastMs, mostMs } = this.limits;
    if (isBehind || leastMs === 0) return 0;
    const usualMs = this.usualMs(partition, tookMs);
    const spareMs = Math.min(2 * (MIDDLE_MS - usualMs), TIMES_THE_LEAST * leastMs);
    const fetchToFetchMs = Math.max(leastMs, Math.min(mostMs, Math.max(spareMs, TIMES_THE_WORK * usualMs)));
    return Math.max(0, Math.ceil(fetchToFetchMs - tookMs));
  }

  private usualMs(partition: string, tookMs: number): number {
    const [before, last] = this.lastTwo.get(partition) ?? [tookMs, tookMs];
    this.lastTwo.set(partition, [last, tookMs]);
    return Math.max(Math.min(before, last), Math.min(Math.max(before, last), tookMs));
  }
}
