export interface SessionLimits {
  /** Messages that wait for the client; those in flight are not counted. */
  readonly maxQueuedMessages: number;
  /** Of the same messages, as `messageBytes` counts. One message is always taken. */
  readonly maxQueuedBytes: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = { maxQueuedMessages: 1_000, maxQueuedBytes: 1024 * 1024 };
