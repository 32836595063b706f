import type { RecordBatch } from './handler-batch.js';

/** Well within the session time-out, whatever the work waits for meanwhile. */
const HEARTBEAT_MS = 2_000;

/** Runs `work` on a batch and keeps the membership alive while it lasts. */
export async function withHeartbeats<T>(batch: Pick<RecordBatch, 'heartbeat'>, work: () => Promise<T>): Promise<T> {
  // A heartbeat that fails says what isStale() will say as well, or the next fetch.
  const timer = setInterval(() => void batch.heartbeat().catch(() => undefined), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
