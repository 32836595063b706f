import { kafkaJsInside } from './kafkajs-inside.js';

interface SocketRequest {
  /** ms */
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

export interface RequestQueue {
  readonly inflight: ReadonlyMap<number, SocketRequest>;
  readonly enforceRequestTimeout: boolean;
  /** ms */
  readonly requestTimeout: number;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  /** By the wall clock; below 0: Kafka has not asked for a pause. */
  throttledUntil: number;
  isConnected(): boolean;
  destroy(): void;
  scheduleRequestTimeoutCheck(): void;
  maybeThrottle(pauseMs: number | null | undefined): void;
  canSendSocketRequestImmediately(): boolean;
  scheduleCheckPendingRequests(): void;
}

const CHECK_MS = 100;

const seenAtMs = new WeakMap<SocketRequest, number>();
const throttledUntilMs = new WeakMap<RequestQueue, number>();
const changed = new WeakSet<object>();

/**
 * kafkajs 2.2.4 counts the time-outs of requests by the wall clock: set back by an hour, none is over within that hour, and a writer waits as long for a
 * Kafka that is silent; set forward, all that is under way counts as unanswered and is sent again. With this they count from the first look at a request,
 * by a clock that nobody sets. So does the pause that a quota of Kafka's asks for: it would last that hour longer. The version is pinned; where the inside
 * differs, nothing is changed.
 */
export function countTimeoutsByUptime(): void {
  const prototype = kafkaJsInside<{ prototype?: RequestQueue }>('network/requestQueue/index.js')?.prototype;
  if (prototype === undefined || changed.has(prototype)) return;
  if (typeof prototype.scheduleRequestTimeoutCheck !== 'function' || typeof prototype.maybeThrottle !== 'function') return;
  changed.add(prototype);
  prototype.scheduleRequestTimeoutCheck = function look(this: RequestQueue) {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
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
  throttleByUptime(prototype);
}

/** How long the oldest request has gone unanswered, ms, to a tenth of a second. */
export function unansweredForMs({ inflight }: Pick<RequestQueue, 'inflight'>): number {
  const nowMs = performance.now();
  let longestMs = 0;
  for (const request of inflight.values()) longestMs = Math.max(longestMs, nowMs - (seenAtMs.get(request) ?? nowMs));
  return longestMs;
}

/** Before kafkajs compares its wall clock time with the wall clock, it is set to what is left of the pause. */
function throttleByUptime(prototype: RequestQueue): void {
  const { maybeThrottle, canSendSocketRequestImmediately, scheduleCheckPendingRequests } = prototype;
  const setByUptime = (queue: RequestQueue) => {
    if (queue.throttledUntil < 0) return;
    const leftMs = (throttledUntilMs.get(queue) ?? 0) - performance.now();
    queue.throttledUntil = leftMs > 0 ? Date.now() + leftMs : -1;
  };
  prototype.maybeThrottle = function throttle(this: RequestQueue, pauseMs) {
    throttledUntilMs.set(this, Math.max(throttledUntilMs.get(this) ?? 0, performance.now() + (pauseMs ?? 0)));
    maybeThrottle.call(this, pauseMs);
  };
  prototype.canSendSocketRequestImmediately = function canSend(this: RequestQueue) {
    setByUptime(this);
    return canSendSocketRequestImmediately.call(this);
  };
  prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue) {
    setByUptime(this);
    scheduleCheckPendingRequests.call(this);
  };
}
