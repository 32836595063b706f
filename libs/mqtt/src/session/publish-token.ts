declare const publishToken: unique symbol;

/** Opaque; handed back to `settlePublish` or `failPublish` exactly once, whether the connection has ended or not. */
export interface PublishToken {
  readonly [publishToken]?: never;
}
