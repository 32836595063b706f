import { SmallMap } from './small-map.js';

/** A level of filters. `+` and `#` are no children: asking for them must cost no look-up. */
class Node<Key, Value> {
  children: SmallMap<string, Node<Key, Value>> | undefined;
  /** What follows a `+`. */
  any: Node<Key, Value> | undefined;
  /** Of the filters that end here. */
  entries: SmallMap<Key, Value> | undefined;
  /** Of the filters that go on with `#`, and so end. */
  below: SmallMap<Key, Value> | undefined;

  get empty(): boolean {
    return (this.children?.size ?? 0) === 0 && this.any === undefined && this.entries === undefined && this.below === undefined;
  }
}

interface Branch<Key, Value> {
  readonly node: Node<Key, Value>;
  /** Where in the topic the next level begins; behind its end: no level is left. */
  readonly at: number;
}

const NOTHING: readonly never[] = Object.freeze([]);

/**
 * Filters of many subscribers, by level. Finding who matches a topic costs by the topic's levels and the `+` on its way,
 * not by how many subscriptions there are. Nothing recurses: a filter of 30,000 levels costs memory, never the stack.
 */
export class SubscriptionTree<Key, Value> {
  private readonly root = new Node<Key, Value>();
  private count = 0;

  /** Subscriptions in the tree. */
  get size(): number {
    return this.count;
  }

  get(filter: string, key: Key): Value | undefined {
    const { levels, toAll } = parse(filter);
    let node: Node<Key, Value> | undefined = this.root;
    for (const level of levels) node = node && childOf(node, level);
    return (toAll ? node?.below : node?.entries)?.get(key);
  }

  /** True if the subscription is new, false if it replaced one (MQTT-3.8.4-3). */
  set(filter: string, key: Key, value: Value): boolean {
    const { levels, toAll } = parse(filter);
    let node = this.root;
    for (const level of levels) node = childOf(node, level) ?? addChild(node, level);
    const slot = (toAll ? node.below : node.entries) ?? new SmallMap<Key, Value>();
    if (toAll) node.below = slot;
    else node.entries = slot;
    const before = slot.size;
    slot.set(key, value);
    const isNew = slot.size > before;
    if (isNew) this.count++;
    return isNew;
  }

  /** False if there was none. Levels that nobody needs any more are given back. */
  delete(filter: string, key: Key): boolean {
    const { levels, toAll } = parse(filter);
    const path = [this.root];
    for (const level of levels) {
      const child = childOf(path[path.length - 1] as Node<Key, Value>, level);
      if (child === undefined) return false;
      path.push(child);
    }
    const last = path[path.length - 1] as Node<Key, Value>;
    const slot = toAll ? last.below : last.entries;
    if (slot?.delete(key) !== true) return false;
    this.count--;
    if (slot.size === 0) {
      if (toAll) last.below = undefined;
      else last.entries = undefined;
    }
    for (let depth = levels.length; depth > 0 && path[depth]?.empty === true; depth--) {
      removeChild(path[depth - 1] as Node<Key, Value>, levels[depth - 1] as string);
    }
    return true;
  }

  /** What was set for each filter that matches: several values of a key whose filters overlap. */
  match(topic: string): readonly Value[] {
    if (this.count === 0) return NOTHING;
    const found: Value[] = [];
    let pending: Branch<Key, Value>[] | undefined;
    // MQTT-4.7.2-1: a first level that begins with $ is matched by no wildcard.
    let wildcards = topic.charCodeAt(0) !== DOLLAR;
    let node: Node<Key, Value> | undefined = this.root;
    let at = 0;
    while (node !== undefined) {
      // Here too when no level is left: `a/#` matches `a`.
      if (wildcards) node.below?.appendValuesTo(found);
      if (at > topic.length) {
        node.entries?.appendValuesTo(found);
        node = undefined;
      } else {
        const slash = topic.indexOf('/', at);
        const end = slash < 0 ? topic.length : slash;
        const any: Node<Key, Value> | undefined = wildcards ? node.any : undefined;
        const literal: Node<Key, Value> | undefined = node.children?.get(topic.slice(at, end));
        at = end + 1;
        if (any !== undefined && literal !== undefined) {
          pending ??= [];
          pending.push({ node: any, at });
        }
        node = literal ?? any;
        wildcards = true;
      }
      if (node === undefined) {
        const branch = pending?.pop();
        if (branch !== undefined) ({ node, at } = branch);
      }
    }
    return found;
  }
}

const DOLLAR = 0x24;

/** `a/#` is the level `a`, and all below. */
function parse(filter: string): { levels: string[]; toAll: boolean } {
  const levels = filter.split('/');
  const toAll = levels[levels.length - 1] === '#';
  if (toAll) levels.pop();
  return { levels, toAll };
}

function childOf<Key, Value>(node: Node<Key, Value>, level: string): Node<Key, Value> | undefined {
  return level === '+' ? node.any : node.children?.get(level);
}

function addChild<Key, Value>(node: Node<Key, Value>, level: string): Node<Key, Value> {
  const child = new Node<Key, Value>();
  if (level === '+') {
    node.any = child;
  } else {
    node.children ??= new SmallMap();
    node.children.set(level, child);
  }
  return child;
}

function removeChild<Key, Value>(node: Node<Key, Value>, level: string): void {
  if (level === '+') node.any = undefined;
  else node.children?.delete(level);
}
