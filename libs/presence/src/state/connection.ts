/** The will that a client announced: what its Will Delay says about it counts from the abnormal end of its connection. */
export interface Will {
  topic: string;
  payloadBase64: string;
  delaySeconds: number;
  /** Log time of its publication, once a `will` record told of it. */
  publishedAtMs?: number;
}

/** Characters of base64 that are kept of a will's payload (6 KiB of bytes): it waits in the state of every open connection. */
export const maxWillPayloadLength = 8_192;

/** A longer payload is cut, at a whole number of bytes. */
export function keptWill({ topic, payloadBase64, delaySeconds }: Pick<Will, 'topic' | 'payloadBase64' | 'delaySeconds'>): Will {
  return { topic, payloadBase64: payloadBase64.slice(0, maxWillPayloadLength), delaySeconds };
}

/** The will of a `connected` record. Records of earlier releases say the delay as the client asked for it, which its session may not outlast (MQTT-3.1.2-8). */
export function announcedWill({ will, sessionExpirySeconds = Number.POSITIVE_INFINITY }: AnnouncedWithSession): Will | undefined {
  return will && keptWill({ ...will, delaySeconds: Math.min(will.delaySeconds, sessionExpirySeconds) });
}

interface AnnouncedWithSession {
  readonly will?: Pick<Will, 'topic' | 'payloadBase64' | 'delaySeconds'>;
  readonly sessionExpirySeconds?: number;
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
