import { kafkaJsInside } from './kafkajs-inside.js';

interface SocketRequest {
  /** ms */
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

interface RequestQueue {
  readonly inflight: ReadonlyMap<number, SocketRequest>;
  readonly enforceRequestTimeout: boolean;
  /** ms */
  readonly requestTimeout: number;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  isConnected(): boolean;
  destroy(): void;
  scheduleRequestTimeoutCheck(): void;
}

const CHECK_MS = 100;

/**
 * kafkajs 2.2.4 counts the time-outs of requests by the wall clock: set back by an hour, none is over within that hour, and a writer waits as long for a
 * Kafka that is silent; set forward, all that is under way counts as unanswered and is sent again. With this they count from the first look at a request,
 * by a clock that nobody sets. The version is pinned; where the inside differs, nothing is changed.
 */
export function countTimeoutsByUptime(): void {
  const prototype = kafkaJsInside<{ prototype?: RequestQueue }>('network/requestQueue/index.js')?.prototype;
  if (prototype === undefined || typeof prototype.scheduleRequestTimeoutCheck !== 'function') return;
  prototype.scheduleRequestTimeoutCheck = function look(this: RequestQueue) {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    const seenAtMs = new WeakMap<SocketRequest, number>();
    const check = () => {
      const nowMs = performance.now();
      for (const request of this.inflight.values()) {
        const sinceMs = seenAtMs.get(request) ?? nowMs;
        seenAtMs.set(request, sinceMs);
        if (nowMs - sinceMs > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    };
    this.requestTimeoutIntervalId = setInterval(check, Math.min(this.requestTimeout, CHECK_MS));
  };
}
