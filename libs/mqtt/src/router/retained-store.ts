import { messageBytes } from '../packets/message-bytes.js';
import type { OutboundMessage } from '../session/outbound-message.js';

export interface RetainedLimits {
  readonly maxMessages: number;
  /** Of messages (`messageBytes`). */
  readonly maxBytes: number;
}

export type RetainOutcome = 'stored' | 'removed' | 'full';

interface Node {
  readonly children: Map<string, Node>;
  message: OutboundMessage | undefined;
}

/** The last retained message of each topic, in memory and bounded. What has expired is gone when somebody looks. */
export class RetainedStore {
  private readonly root: Node = newNode();
  private count = 0;
  private bytes = 0;

  constructor(private readonly limits: RetainedLimits) {}

  get size(): number {
    return this.count;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** Would `retain` find room? To be asked before a publisher is promised anything. */
  hasRoomFor(message: OutboundMessage, now: number): boolean {
    if (message.payload.length === 0 || this.fits(message)) return true;
    this.removeExpired(now);
    return this.fits(message);
  }

  /** Replaces the topic's message; an empty payload removes it (MQTT-3.3.1-6). */
  retain(message: OutboundMessage, now: number): RetainOutcome {
    if (message.payload.length === 0) {
      this.remove(message.topic);
      return 'removed';
    }
    if (!this.hasRoomFor(message, now)) return 'full';
    const node = this.nodeOf(message.topic);
    this.forget(node);
    // A copy: the payload is a view on a chunk that would be kept alive with it.
    node.message = { ...message, payload: Buffer.from(message.payload), retain: true };
    this.count++;
    this.bytes += messageBytes(message);
    return 'stored';
  }

  get(topic: string, now: number): OutboundMessage | undefined {
    const message = this.find(topic)?.message;
    return message === undefined || isExpired(message, now) ? undefined : message;
  }

  /** The messages that a filter matches, expired ones left out. Costs by the filter's levels and what its wildcards span. */
  matching(filter: string, now: number): OutboundMessage[] {
    let frontier = [this.root];
    for (const level of filter.split('/')) {
      if (level === '#') {
        // The parent's own message is among them: `a/#` matches `a`.
        frontier = frontier.flatMap((node) => (node === this.root ? this.wildcardChildren(node) : [node])).flatMap(withDescendants);
        break;
      }
      frontier = frontier.flatMap((node) => (level === '+' ? this.wildcardChildren(node) : childOf(node, level)));
    }
    return frontier.flatMap(({ message }) => (message === undefined || isExpired(message, now) ? [] : [message]));
  }

  /** MQTT-4.7.2-1: wildcards do not match a first level that begins with $. */
  private wildcardChildren(node: Node): Node[] {
    if (node !== this.root) return [...node.children.values()];
    return [...node.children].filter(([level]) => !level.startsWith('$')).map(([, child]) => child);
  }

  private remove(topic: string): void {
    const path = [this.root];
    const levels = topic.split('/');
    for (const level of levels) {
      const child = path[path.length - 1]?.children.get(level);
      if (child === undefined) return;
      path.push(child);
    }
    const last = path[path.length - 1];
    if (last !== undefined) this.forget(last);
    for (let depth = levels.length; depth > 0; depth--) {
      const node = path[depth];
      if (node === undefined || node.message !== undefined || node.children.size > 0) break;
      path[depth - 1]?.children.delete(levels[depth - 1] as string);
    }
  }

  private removeExpired(now: number): void {
    for (const { message } of withDescendants(this.root)) {
      if (message !== undefined && isExpired(message, now)) this.remove(message.topic);
    }
  }

  private fits(message: OutboundMessage): boolean {
    const replaced = this.find(message.topic)?.message;
    const count = this.count + (replaced === undefined ? 1 : 0);
    const bytes = this.bytes + messageBytes(message) - (replaced === undefined ? 0 : messageBytes(replaced));
    return count <= this.limits.maxMessages && bytes <= this.limits.maxBytes;
  }

  private forget(node: Node): void {
    if (node.message === undefined) return;
    this.count--;
    this.bytes -= messageBytes(node.message);
    node.message = undefined;
  }

  private find(topic: string): Node | undefined {
    return this.descend(topic.split('/'));
  }

  private descend(levels: readonly string[]): Node | undefined {
    let node: Node | undefined = this.root;
    for (const level of levels) node = node?.children.get(level);
    return node;
  }

  private nodeOf(topic: string): Node {
    let node = this.root;
    for (const level of topic.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode();
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }
}

function newNode(): Node {
  return { children: new Map(), message: undefined };
}

function childOf(node: Node, level: string): Node[] {
  const child = node.children.get(level);
  return child === undefined ? [] : [child];
}

/** The node and everything below it, without recursion. */
function withDescendants(start: Node): Node[] {
  const nodes = [start];
  for (let index = 0; index < nodes.length; index++) {
    for (const child of nodes[index]?.children.values() ?? []) nodes.push(child);
  }
  return nodes;
}

function isExpired({ expiresAtMs }: OutboundMessage, now: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= now;
}
