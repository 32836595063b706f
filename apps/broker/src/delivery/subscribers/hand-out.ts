import type { OutboundMessage } from '@milepost/mqtt';
import type { HandOutTurns } from './hand-out-turns.js';
import type { KeptHandOut } from './kept-hand-out.js';

/** The retained messages for one subscription. */
export interface RetainedWalk {
  /** Each walk begins anew; undefined: as `RetainedStore.matching` says. */
  readonly messages: Iterable<OutboundMessage | undefined>;
  /** The subscription is there, and has not been made anew with all of them to be sent again (MQTT-3.10.4-2). */
  stands(): boolean;
  /** Present where it is on record that they are on their way. */
  readonly kept?: KeptHandOut;
}

export interface HandOutReceiver {
  readonly turns: HandOutTurns;
  /** @param walk that it is from: nothing goes into the queue once that does not stand. */
  hand(message: OutboundMessage, walk: RetainedWalk): void;
  /** @returns what resolves when it is worth asking again; undefined: the client has room for the message. */
  wait(message: OutboundMessage, stands: () => boolean): Promise<void> | undefined;
  /** Is it still what its topic retains? */
  isRetained(message: OutboundMessage): boolean;
}

/**
 * Hands out what a subscription's topics retain, a part at a time, and no faster than the client takes it. The walks look each
 * message up when they come to it, so that what changes meanwhile is never handed out older than what the client has been sent.
 */
export async function handOut(walks: readonly RetainedWalk[], receiver: HandOutReceiver): Promise<void> {
  const { turns } = receiver;
  for (const { kept } of walks) kept?.begin();
  for (const walk of walks) {
    const { messages, stands, kept } = walk;
    let hasFound = false;
    for (let next = turns.wait(); next !== undefined && stands(); next = turns.wait()) await next;
    for (const message of stands() ? messages : []) {
      let hasWaited = false;
      while (stands()) {
        const room = turns.wait() ?? (message && receiver.wait(message, stands));
        if (room === undefined) break;
        await room;
        hasWaited = true;
      }
      if (!stands()) break;
      hasFound = true;
      // What its topic has retained since went to the client when it came.
      if (message !== undefined && hasWaited && !receiver.isRetained(message)) continue;
      turns.took();
      if (message !== undefined) receiver.hand(message, walk);
    }
    if (!hasFound) turns.took();
    kept?.walked();
  }
}
