import { messageBytes } from '../packets/message-bytes.js';
import { withOwnBytes } from '../packets/own-bytes.js';
import type { OutboundMessage } from '../session/outbound-message.js';
import { SmallMap } from '../topics/small-map.js';
import { levelsOf } from '../topics/topic-name.js';

export interface RetainedLimits {
  readonly maxMessages: number;
  /** Of messages (`messageBytes`), and of the levels of their topics beyond the eighth, 100 bytes each. */
  readonly maxBytes: number;
}

/** The limit of `RetainedLimits` that a message would exceed. */
export type RetainedLimit = 'maxMessages' | 'maxBytes';
export type RetainOutcome = 'stored' | 'removed' | 'full';

/** Looking for what has expired costs by what is stored: a full store is searched once in this time at most. */
const SEARCH_EVERY_MS = 1_000;

/** A walk that has looked at so many levels of topics in vain says so: who walks many of them may let others have their turn. */
export const LEVELS_LOOKED_AT = 100;

/** So many levels of each topic `maxMessages` bounds. */
const FREE_LEVELS = 8;
/** A level of its own takes about as much, be it empty: one topic may have 65,536 of them. */
const LEVEL_BYTES = 100;

class Node {
  children: SmallMap<string, Node> | undefined;
  message: OutboundMessage | undefined;
}

/** The last retained message of each topic, in memory and bounded. What has expired is gone when somebody looks. */
export class RetainedStore {
  private readonly root = new Node();
  private count = 0;
  private bytes = 0;
  /** Nothing that is stored expires before. */
  private firstExpiryMs = Number.POSITIVE_INFINITY;
  private searchedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly limits: RetainedLimits,
    /** Told of the topics whose messages have expired and were removed: whoever keeps them elsewhere need not any more. */
    private readonly onExpired: (topics: readonly string[]) => void = () => undefined,
  ) {}

  get size(): number {
    return this.count;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** Would `retain` find room? To be asked before a publisher is promised anything. */
  hasRoomFor(message: OutboundMessage, now: number): boolean {
    return this.limitFor(message, now) === undefined;
  }

  /** What `retain` would answer 'full' for. */
  limitFor(message: OutboundMessage, now: number): RetainedLimit | undefined {
    if (message.payload.length === 0) return undefined;
    const limit = this.exceeded(message);
    return limit !== undefined && this.removeExpired(now) ? this.exceeded(message) : limit;
  }

  /** Replaces the topic's message (MQTT-3.3.1-5); an empty payload removes it (MQTT-3.3.1-6). */
  retain(message: OutboundMessage, now: number): RetainOutcome {
    if (message.payload.length === 0) {
      this.remove(message.topic);
      return 'removed';
    }
    if (!this.hasRoomFor(message, now)) return 'full';
    this.restore(message);
    return 'stored';
  }

  /** Puts back what was retained before, whatever the limits are now. */
  restore(message: OutboundMessage): void {
    const node = this.nodeOf(message.topic);
    this.forget(node);
    node.message = { ...withOwnBytes(message), retain: true };
    this.count++;
    this.bytes += storedBytes(message);
    this.firstExpiryMs = Math.min(this.firstExpiryMs, message.expiresAtMs ?? Number.POSITIVE_INFINITY);
  }

  get(topic: string, now: number): OutboundMessage | undefined {
    const message = this.find(topic)?.message;
    return message === undefined || isExpired(message, now) ? undefined : message;
  }

  /** Everything that is stored and has not expired, for keeping it elsewhere; `$` topics too. */
  *all(now: number): IterableIterator<OutboundMessage> {
    for (const { message } of withDescendants([this.root])) if (message !== undefined && !isExpired(message, now)) yield message;
  }

  /**
   * The messages that a filter matches, expired ones left out; undefined: nothing among `LEVELS_LOOKED_AT` more. Costs by the filter's
   * levels and what its wildcards span, as far as it is walked: it may be walked in parts, and then sees what changes meanwhile.
   */
  *matching(filter: string, now: number): IterableIterator<OutboundMessage | undefined> {
    const levels = filter.split('/');
    const toAll = levels[levels.length - 1] === '#';
    if (toAll) levels.pop();
    let looked = 0;
    for (const node of this.reach(levels)) {
      // The parent's own message is among them: `a/#` matches `a`. The root has none, and its $ topics are matched by no wildcard.
      const found = toAll && node !== undefined ? withDescendants(node === this.root ? childrenOf(node, true) : [node]) : [node];
      for (const each of found) {
        looked += 1;
        const message = each?.message;
        if (message !== undefined && !isExpired(message, now)) yield message;
        else if (looked % LEVELS_LOOKED_AT === 0) yield undefined;
      }
    }
  }

  /** The nodes at the end of the levels, `+` among them; undefined: a step on the way there. */
  private *reach(levels: readonly string[]): IterableIterator<Node | undefined> {
    const pending = [{ nodes: [this.root].values() as Iterator<Node>, depth: 0 }];
    for (let last = pending[0]; last !== undefined; last = pending[pending.length - 1]) {
      const next = last.nodes.next();
      if (next.done === true) {
        pending.pop();
        continue;
      }
      let node: Node | undefined = next.value;
      let { depth } = last;
      for (let level = levels[depth]; level !== undefined && level !== '+' && node !== undefined; level = levels[++depth]) {
        node = node.children?.get(level);
      }
      const isEnd = depth === levels.length;
      if (node !== undefined && !isEnd) pending.push({ nodes: childrenOf(node, depth === 0), depth: depth + 1 });
      yield isEnd ? node : undefined;
    }
  }

  private remove(topic: string): void {
    const path = [this.root];
    const levels = topic.split('/');
    for (const level of levels) {
      const child = path[path.length - 1]?.children?.get(level);
      if (child === undefined) return;
      path.push(child);
    }
    const last = path[path.length - 1];
    if (last !== undefined) this.forget(last);
    for (let depth = levels.length; depth > 0; depth--) {
      const node = path[depth];
      if (node === undefined || node.message !== undefined || (node.children?.size ?? 0) > 0) break;
      path[depth - 1]?.children?.delete(levels[depth - 1] as string);
    }
  }

  /** False: there was nothing to be found. */
  private removeExpired(now: number): boolean {
    if (now < this.firstExpiryMs || now < this.searchedAtMs + SEARCH_EVERY_MS) return false;
    this.searchedAtMs = now;
    this.firstExpiryMs = Number.POSITIVE_INFINITY;
    const expired: string[] = [];
    for (const { message } of withDescendants([this.root])) {
      if (message?.expiresAtMs === undefined) continue;
      if (isExpired(message, now)) expired.push(message.topic);
      else this.firstExpiryMs = Math.min(this.firstExpiryMs, message.expiresAtMs);
    }
    for (const topic of expired) this.remove(topic);
    if (expired.length > 0) this.onExpired(expired);
    return expired.length > 0;
  }

  private exceeded(message: OutboundMessage): RetainedLimit | undefined {
    const replaced = this.find(message.topic)?.message;
    if (replaced === undefined && this.count >= this.limits.maxMessages) return 'maxMessages';
    // The store may hold more than its bytes: what is no larger than what it replaces makes that no worse.
    if (replaced !== undefined && storedBytes(message) <= storedBytes(replaced)) return undefined;
    const bytes = this.bytes + storedBytes(message) - (replaced === undefined ? 0 : storedBytes(replaced));
    return bytes > this.limits.maxBytes ? 'maxBytes' : undefined;
  }

  private forget(node: Node): void {
    if (node.message === undefined) return;
    this.count--;
    this.bytes -= storedBytes(node.message);
    node.message = undefined;
  }

  private find(topic: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const level of topic.split('/')) node = node?.children?.get(level);
    return node;
  }

  private nodeOf(topic: string): Node {
    let node = this.root;
    for (const level of topic.split('/')) {
      node.children ??= new SmallMap();
      let child = node.children.get(level);
      if (child === undefined) {
        child = new Node();
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }
}

function storedBytes(message: OutboundMessage): number {
  return messageBytes(message) + LEVEL_BYTES * Math.max(0, levelsOf(message.topic) - FREE_LEVELS);
}

/**
 * As many as there are when the walk of them begins: what is removed and comes again meanwhile stands behind all others, and would have
 * it go on for ever.
 * @param noServerTopics MQTT-4.7.2-1: wildcards do not match a first level that begins with $.
 */
function* childrenOf({ children }: Node, noServerTopics: boolean): IterableIterator<Node> {
  if (children === undefined) return;
  let left = children.size;
  for (const [level, child] of children.entries()) {
    if (left-- === 0) return;
    if (!noServerTopics || !level.startsWith('$')) yield child;
  }
}

/** The nodes and everything below them, without recursion, and each step takes one of them only: a level may have as many as the store. */
function* withDescendants(starts: Iterable<Node>): IterableIterator<Node> {
  const open = [starts[Symbol.iterator]()];
  for (let last = open[0]; last !== undefined; last = open[open.length - 1]) {
    const next = last.next();
    if (next.done === true) {
      open.pop();
      continue;
    }
    yield next.value;
    if (next.value.children !== undefined) open.push(childrenOf(next.value, false));
  }
}

function isExpired({ expiresAtMs }: OutboundMessage, now: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= now;
}
