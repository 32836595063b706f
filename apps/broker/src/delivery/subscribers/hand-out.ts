import type { OutboundMessage } from '@milepost/mqtt';

/** The retained messages for one subscription. */
export interface RetainedWalk {
  readonly messages: Iterable<OutboundMessage>;
  /** The subscription is there, and has not been made anew with all of them to be sent again (MQTT-3.10.4-2). */
  stands(): boolean;
}

export interface HandOutReceiver {
  /**
   * @param stands of the walk that it is from: nothing goes into the queue once it does not.
   * @returns what resolves when the message is in the client's queue, or is not wanted there any more; undefined: it is there.
   */
  hand(message: OutboundMessage, stands: () => boolean): Promise<void> | undefined;
  /** More than the client takes at the moment. */
  isBehind(): boolean;
}

/** In one turn of the event loop: a `#` over a large store must not hold up everybody else. */
export const RETAINED_PER_TURN = 500;
/** How long a client that is behind is left alone. */
const CATCH_UP_MS = 10;

/**
 * Hands out what a subscription's topics retain, a part at a time, and no faster than the client takes it. The walks look each
 * message up when they come to it, so that what changes meanwhile is never handed out older than what the client has been sent.
 */
export async function handOut(walks: readonly RetainedWalk[], { hand, isBehind }: HandOutReceiver): Promise<void> {
  let left = RETAINED_PER_TURN;
  let onTheirWay: Promise<void>[] = [];
  for (const { messages, stands } of walks) {
    if (!stands()) continue;
    for (const message of messages) {
      if (left === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        // Those that need a record first are not in the queue yet: by the queue alone the client would seem to keep up.
        await Promise.all(onTheirWay);
        onTheirWay = [];
        while (isBehind() && stands()) await new Promise((resolve) => setTimeout(resolve, CATCH_UP_MS));
        left = RETAINED_PER_TURN;
        if (!stands()) break;
      }
      left -= 1;
      const handed = hand(message, stands);
      if (handed !== undefined) onTheirWay.push(handed);
    }
  }
}
