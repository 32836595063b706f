declare const publishToken: unique symbol;
declare const subscribeToken: unique symbol;
declare const unsubscribeToken: unique symbol;

/** Opaque; handed back to `settlePublish` or `failPublish` exactly once, whether the connection has ended or not. */
export interface PublishToken {
  readonly [publishToken]?: never;
}

/** Opaque; handed back to `settleSubscribe` exactly once. */
export interface SubscribeToken {
  readonly [subscribeToken]?: never;
}

/** Opaque; handed back to `settleUnsubscribe` exactly once. */
export interface UnsubscribeToken {
  readonly [unsubscribeToken]?: never;
}
