import { kafkaJsInside } from '../kafkajs-inside.js';

interface ConsumerGroup {
  /** Of the last heartbeat, by the wall clock. */
  lastRequest: number;
  heartbeat(options: { interval: number }): Promise<void>;
}

const changed = new WeakSet<object>();

/**
 * kafkajs 2.2.4 sends a heartbeat when the wall clock stands so much later than at the one before: set back by a minute, it sends none for a minute, and
 * its partitions are given to others while it reads them. With this one goes out as soon as the clock was set back. The version is pinned; where the
 * inside differs, nothing is changed.
 */
export function keepHeartbeatsSteady(): void {
  const prototype = kafkaJsInside<{ prototype?: ConsumerGroup }>('consumer/consumerGroup.js')?.prototype;
  if (prototype === undefined || typeof prototype.heartbeat !== 'function' || changed.has(prototype)) return;
  changed.add(prototype);
  const { heartbeat } = prototype;
  prototype.heartbeat = function heartbeatInTime(this: ConsumerGroup, options) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return heartbeat.call(this, options);
  };
}
