import { sleep } from '@milepost/runtime';
import { kafkaJsInside } from '../kafkajs-inside.js';

interface ConsumerGroup {
  readonly groupId: string;
  readonly cluster: { findGroupCoordinator(group: { groupId: string }): Promise<unknown> };
  coordinator: unknown;
  /** Tells the coordinator the offsets. */
  readonly offsetManager: { coordinator: unknown } | null;
  /** Of the last heartbeat, by the wall clock. */
  lastRequest: number;
  heartbeat(options: { interval: number }): Promise<void>;
}

/** So long reading waits for the answer to a heartbeat. */
const PATIENCE_MS = 1_000;
const NOT_DUE = { beat: Promise.resolve(), sinceMs: Number.NEGATIVE_INFINITY };

const changed = new WeakSet<object>();

/**
 * kafkajs 2.2.4 sends a heartbeat when the wall clock stands so much later than at the one before: set back by a minute, it sends none for a minute, and
 * its partitions are given to others while it reads them. With this one goes out as soon as the clock was set back.
 * It reads nothing while one is not answered, and asks the same node again and again, nine time-outs long, when that has gone without a word. With this
 * reading goes on, and who coordinates the group is looked up again. The version is pinned; where the inside differs, nothing is changed.
 */
export function keepHeartbeatsSteady(): void {
  const prototype = kafkaJsInside<{ prototype?: ConsumerGroup }>('consumer/consumerGroup.js')?.prototype;
  if (prototype === undefined || typeof prototype.heartbeat !== 'function' || changed.has(prototype)) return;
  changed.add(prototype);
  const { heartbeat } = prototype;
  const underWay = new WeakMap<ConsumerGroup, { beat: Promise<void>; sinceMs: number }>();

  const begin = (group: ConsumerGroup, options: { interval: number }) => {
    const asked = group.coordinator;
    const beat = heartbeat
      .call(group, options)
      .catch(async (error: unknown) => {
        if (isUnanswered(error)) await findCoordinator(group, asked);
        throw error;
      })
      .finally(() => underWay.delete(group));
    // Whoever waits hears of it; where nobody does any more, the next one will say the same.
    beat.catch(() => undefined);
    const begun = { beat, sinceMs: performance.now() };
    underWay.set(group, begun);
    return begun;
  };

  prototype.heartbeat = async function heartbeatInTime(this: ConsumerGroup, options) {
    const nowMs = Date.now();
    if (this.lastRequest > nowMs) this.lastRequest = 0;
    const isDue = nowMs >= this.lastRequest + options.interval;
    const { beat, sinceMs } = underWay.get(this) ?? (isDue ? begin(this, options) : NOT_DUE);
    const patienceMs = PATIENCE_MS - (performance.now() - sinceMs);
    if (patienceMs > 0) await beforeOver(beat, patienceMs);
  };
}

/** @throws what the work throws within the time. */
async function beforeOver(work: Promise<void>, timeoutMs: number): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([work, sleep(timeoutMs, over.signal)]);
  } finally {
    over.abort();
  }
}

/** It has no word of Kafka's. */
function isUnanswered(error: unknown): boolean {
  return (error as { type?: unknown }).type === undefined;
}

/** Unless it has joined again meanwhile. */
async function findCoordinator(group: ConsumerGroup, instead: unknown): Promise<void> {
  const found = await group.cluster.findGroupCoordinator({ groupId: group.groupId }).catch(() => instead);
  if (group.coordinator !== instead) return;
  group.coordinator = found;
  if (group.offsetManager) group.offsetManager.coordinator = found;
}
