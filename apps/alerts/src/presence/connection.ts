/** The will that a client announced: what its Will Delay says about it counts from the abnormal end of its connection. */
export interface Will {
  topic: string;
  payloadBase64: string;
  delaySeconds: number;
  /** Log time of its publication, once a `will` record told of it. */
  publishedAtMs?: number;
}

/** A connection that `connected` opened and nothing has closed yet. */
export interface OpenConnection {
  id: string;
  node: string;
  epoch: number;
  address: string;
  /** As its node says; the same when the connection is resumed. */
  connectedAt: string;
  /** Log time. */
  openedAtMs: number;
  openedOffset: number;
  /** Which of a vehicle's connections is newer: `openedOffset`, unless it was resumed, which makes it no newer than it was. */
  order: number;
  will?: Will;
}
