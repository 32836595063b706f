import type { OutboundMessage } from '@milepost/mqtt';
import type { RetainedWalk } from './hand-out.js';
import { RETAINED_PER_TURN } from './hand-out-turns.js';
import { KeptHandOut } from './kept-hand-out.js';

interface KeptWalk extends RetainedWalk {
  readonly kept: KeptHandOut;
  /** Has it anything that is put on record? Looked up when the session's claim is written, as a subscription may be replaced before. */
  mayBeKept: boolean | undefined;
}

/** The hand-outs to one kept session that are not over: what its records say of them. */
export class KeptHandOuts {
  /** In the order that they were asked for. */
  private readonly underWay = new Set<KeptWalk>();
  /** By filter: the last that was asked for. */
  private readonly latest = new Map<string, KeptWalk>();
  /** Those that the last claim on record names, and those that one on its way there does. */
  private claimed: ReadonlySet<KeptHandOut> = new Set();

  /** `id`: as `KeptHandOut` has it. */
  add(id: string, filter: string, { messages, stands }: RetainedWalk): RetainedWalk {
    const walk: KeptWalk = { messages, stands, kept: new KeptHandOut(id, stands), mayBeKept: undefined };
    this.underWay.add(walk);
    this.latest.set(filter, walk);
    void walk.kept.over.then(() => {
      this.underWay.delete(walk);
      if (this.latest.get(filter) === walk) this.latest.delete(filter);
    });
    return walk;
  }

  /** Asked for in a life of the broker that ended before: to be begun at the client's next connection. */
  get notBegun(): readonly RetainedWalk[] {
    return [...this.underWay].filter(({ kept }) => !kept.hasBegun);
  }

  /** For the claim: that of the subscription that there is to this filter. */
  of(filter: string): KeptHandOut | undefined {
    const walk = this.latest.get(filter);
    if (walk === undefined || walk.kept.isOver || !walk.stands()) return undefined;
    walk.mayBeKept ??= mayBeKept(walk.messages);
    return walk.mayBeKept ? walk.kept : undefined;
  }

  /** A claim that names these is being written. @returns what is to be called when it is on record. */
  claim(handOuts: readonly KeptHandOut[]): () => void {
    this.claimed = new Set([...this.claimed, ...handOuts]);
    return () => {
      this.claimed = new Set(handOuts);
    };
  }

  /**
   * Those that a claim may name. A subscription that has been made anew, or is no more, is on record as it was until a claim says so: should
   * the process die before, whoever starts next has that subscription, and owes it all of them.
   */
  get ids(): readonly string[] {
    const isNamed = ({ kept, mayBeKept: may }: KeptWalk) => !kept.isOver && may === true;
    const underWay = [...this.underWay].filter(isNamed).map(({ kept }) => kept);
    const cutShort = [...this.claimed].filter(({ isCutShort }) => isCutShort);
    return [...underWay, ...cutShort].map(({ id }) => id);
  }
}

/**
 * Is any of them put on record for a kept session? Behind so many others it may be, and where nothing is found at once: a claim names many
 * hand-outs, and that is not found out in one turn.
 */
export function mayBeKept(messages: Iterable<OutboundMessage | undefined>): boolean {
  let seen = 0;
  for (const message of messages) {
    if (message === undefined || message.qos > 0) return true;
    seen += 1;
    if (seen === RETAINED_PER_TURN) return true;
  }
  return false;
}

/**
 * Goes on where a broker ended: without what is on record of that hand-out (`handed`, by topic), and without QoS 0, which was lost with
 * the connection.
 */
export function remaining(
  look: () => Iterable<OutboundMessage | undefined>,
  handed: ReadonlySet<string>,
): Iterable<OutboundMessage | undefined> {
  return {
    *[Symbol.iterator]() {
      for (const message of look()) if (message === undefined || (message.qos > 0 && !handed.has(message.topic))) yield message;
    },
  };
}
