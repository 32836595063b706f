interface Node<Key, Value> {
  readonly children: Map<string, Node<Key, Value>>;
  readonly entries: Map<Key, Value>;
}

/**
 * Filters of many subscribers, by level. Finding who matches a topic costs by the topic's levels and the wildcards on its way,
 * not by how many subscriptions there are. Nothing recurses: a filter of 30,000 levels costs memory, never the stack.
 */
export class SubscriptionTree<Key, Value> {
  private readonly root: Node<Key, Value> = newNode();
  private count = 0;

  /** Subscriptions in the tree. */
  get size(): number {
    return this.count;
  }

  /** True if the subscription is new, false if it replaced one (MQTT-3.8.4-3). */
  set(filter: string, key: Key, value: Value): boolean {
    let node = this.root;
    for (const level of filter.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode();
        node.children.set(level, child);
      }
      node = child;
    }
    const isNew = !node.entries.has(key);
    node.entries.set(key, value);
    if (isNew) this.count++;
    return isNew;
  }

  /** False if there was none. Levels that nobody needs any more are given back. */
  delete(filter: string, key: Key): boolean {
    const levels = filter.split('/');
    const path = [this.root];
    for (const level of levels) {
      const child = path[path.length - 1]?.children.get(level);
      if (child === undefined) return false;
      path.push(child);
    }
    if (path[path.length - 1]?.entries.delete(key) !== true) return false;
    this.count--;
    for (let depth = levels.length; depth > 0; depth--) {
      const node = path[depth];
      if (node === undefined || node.entries.size > 0 || node.children.size > 0) break;
      path[depth - 1]?.children.delete(levels[depth - 1] as string);
    }
    return true;
  }

  /** Calls `visit` for each subscription that matches: several times for a key whose filters overlap. */
  match(topic: string, visit: (key: Key, value: Value) => void): void {
    // MQTT-4.7.2-1: a first level that begins with $ is matched by no wildcard.
    let wildcards = !topic.startsWith('$');
    let frontier = [this.root];
    for (const level of topic.split('/')) {
      const next: Node<Key, Value>[] = [];
      for (const node of frontier) {
        const literal = node.children.get(level);
        if (literal !== undefined) next.push(literal);
        if (!wildcards) continue;
        const single = node.children.get('+');
        if (single !== undefined) next.push(single);
        visitEntries(node.children.get('#'), visit);
      }
      frontier = next;
      wildcards = true;
      if (frontier.length === 0) return;
    }
    for (const node of frontier) {
      visitEntries(node, visit);
      // `a/#` matches `a` too.
      visitEntries(node.children.get('#'), visit);
    }
  }
}

function newNode<Key, Value>(): Node<Key, Value> {
  return { children: new Map(), entries: new Map() };
}

function visitEntries<Key, Value>(node: Node<Key, Value> | undefined, visit: (key: Key, value: Value) => void): void {
  if (node === undefined) return;
  for (const [key, value] of node.entries) visit(key, value);
}
