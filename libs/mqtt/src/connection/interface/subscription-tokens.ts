declare const subscribeToken: unique symbol;
declare const unsubscribeToken: unique symbol;

/** Opaque; handed back to `settleSubscribe` exactly once. */
export interface SubscribeToken {
  readonly [subscribeToken]?: never;
}

/** Opaque; handed back to `settleUnsubscribe` exactly once. */
export interface UnsubscribeToken {
  readonly [unsubscribeToken]?: never;
}
