import { kafkaJsInside } from './kafkajs-inside.js';

/** What one client knows of who leads what. */
interface NodePool {
  readonly metadataMaxAge: number;
  /** By the wall clock; null: ask before the next use. */
  metadataExpireAt: number | null;
  refreshMetadataIfNecessary(topics: readonly string[]): Promise<unknown>;
}

const changed = new WeakSet<object>();

/**
 * kafkajs 2.2.4 believes for so long by the wall clock who leads what: set back by an hour, for an hour longer. With this it asks as soon as what it knows
 * would be believed for longer than it may be. The version is pinned; where the inside differs, nothing is changed.
 */
export function keepMetadataFresh(): void {
  const prototype = kafkaJsInside<{ prototype?: NodePool }>('cluster/brokerPool.js')?.prototype;
  if (typeof prototype?.refreshMetadataIfNecessary !== 'function' || changed.has(prototype)) return;
  changed.add(prototype);
  const { refreshMetadataIfNecessary } = prototype;
  prototype.refreshMetadataIfNecessary = function refreshInTime(this: NodePool, topics) {
    if (this.metadataExpireAt !== null && this.metadataExpireAt - Date.now() > this.metadataMaxAge) this.metadataExpireAt = null;
    return refreshMetadataIfNecessary.call(this, topics);
  };
}
