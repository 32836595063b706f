import { setMaxListeners } from 'node:events';
import { backoffMs, type Logger, sleep, within } from '@milepost/runtime';
import { type PollLoop, pollLoop } from '../loop/poll-loop.js';
import type { WebhookMetrics } from '../metrics.js';
import type { AttemptResult } from './attempt-result.js';
import type { ClaimedDelivery, DeliveryStore, RecordedAttempt } from './delivery-store.js';
import { endpointHealth, judgeAttempt } from './judge-attempt.js';
import { outdatedResult } from './outdated.js';

export interface DeliveryWorkerOptions {
  store: DeliveryStore;
  send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<AttemptResult>;
  scheduleMs: readonly number[];
  timeoutMs: number;
  concurrency: number;
  perEndpoint: number;
  pollMs: number;
  logger: Logger;
  metrics: WebhookMetrics;
}

export interface DeliveryWorker {
  wake(): void;
  problem(): string | undefined;
  /** Claims nothing more, waits so long for what is in flight, then gives the rest back. */
  close(options: { drainMs: number }): Promise<void>;
}

const recordBackoff = { baseMs: 100, maxMs: 2_000 };

/**
 * Claims what is due and sends it, many at a time. A claim lasts for twice the time-out: the first half to send,
 * the second to write down what came of it. Whoever dies between the two repeats the delivery with the same
 * webhook-id: at least once.
 */
export function deliveryWorker(options: DeliveryWorkerOptions): DeliveryWorker {
  const { store, send, scheduleMs, timeoutMs, concurrency, perEndpoint, pollMs, logger, metrics } = options;
  const leaseMs = 2 * timeoutMs;
  const inFlight = new Set<Promise<void>>();
  const abandoning = new AbortController();
  // Each delivery in flight listens: Node takes more than ten listeners for a leak, and says so.
  setMaxListeners(0, abandoning.signal);

  const turn = async (): Promise<'again' | 'idle'> => {
    const room = concurrency - inFlight.size;
    // Full: the first that finishes wakes the loop.
    if (room <= 0) return 'idle';
    const claimedAt = performance.now();
    const claimed = await store.claim({ leaseMs, deliveries: room, perEndpoint });
    for (const delivery of claimed) {
      const running: Promise<void> = deliver(delivery, claimedAt)
        .catch((err: unknown) =>
          logger.error({ event: 'webhook.attempt.lost', deliveryId: delivery.id, err }, 'An attempt was not recorded: it will be repeated'),
        )
        .finally(() => {
          inFlight.delete(running);
          metrics.inFlight.set(inFlight.size);
          loop.wake();
        });
      inFlight.add(running);
    }
    metrics.inFlight.set(inFlight.size);
    return 'idle';
  };

  const deliver = async (delivery: ClaimedDelivery, claimedAt: number): Promise<void> => {
    // The process was held up: half of the lease is gone, and with it the time to send. Let it run out.
    if (performance.now() - claimedAt > leaseMs - timeoutMs) return;
    const at = new Date();
    const result = outdatedResult(delivery) ?? (await send(delivery, abandoning.signal));
    if (result.kind === 'abandoned') return;
    const verdict = judgeAttempt({ result, attemptsBefore: delivery.attempts, scheduleMs, nowMs: Date.now(), random: Math.random });
    const attempt = { delivery, at, result, verdict, health: endpointHealth(result) };
    const recorded = await recordWithin(attempt, claimedAt + leaseMs);
    tell(attempt, recorded);
  };

  /** What was sent must be known: tries as long as the claim is ours. */
  const recordWithin = async (attempt: RecordedAttempt, deadline: number): Promise<boolean> => {
    for (let failures = 0; ; failures += 1) {
      try {
        return await store.record(attempt);
      } catch (error) {
        const waitMs = backoffMs(failures, recordBackoff);
        if (abandoning.signal.aborted || performance.now() + waitMs > deadline) throw error;
        await sleep(waitMs, abandoning.signal);
      }
    }
  };

  const tell = ({ delivery, result, verdict }: RecordedAttempt, recorded: boolean): void => {
    const outcome = result.kind === 'outdated' ? 'outdated' : verdict.status;
    metrics.attempts.inc({ endpoint: delivery.endpointId, outcome });
    metrics.attemptSeconds.observe({ outcome }, result.latencyMs / 1_000);
    const context = {
      deliveryId: delivery.id,
      endpointId: delivery.endpointId,
      webhookId: delivery.eventId,
      attempt: delivery.attempts + 1,
    };
    if (!recorded) {
      logger.warn(
        { event: 'webhook.claim.lost', ...context, outcome },
        'An answer came after the claim had run out; the delivery is repeated',
      );
    } else if (result.kind === 'outdated') {
      logger.info({ event: 'webhook.outdated', ...context }, 'A heartbeat came too late to say anything of now and was not sent');
    } else if (verdict.status === 'delivered') {
      logger.debug({ event: 'webhook.delivered', ...context, latencyMs: result.latencyMs }, 'A webhook was delivered');
    } else if (verdict.status === 'failed') {
      logger.info(
        { event: 'webhook.failed', ...context, reason: verdict.error, retryInMs: verdict.retryInMs },
        'A webhook was not delivered and is tried again',
      );
    } else {
      logger.warn(
        { event: 'webhook.dead', ...context, reason: verdict.error, disabled: verdict.disableEndpoint },
        'A webhook was not delivered and is not tried again',
      );
    }
  };

  const loop: PollLoop = pollLoop({ name: 'delivery', intervalMs: pollMs, logger, turn });

  return {
    wake: loop.wake,
    problem: loop.problem,
    close: async ({ drainMs }) => {
      const all = () => Promise.all(inFlight);
      // A claim that is not answered is waited for no longer than what is in flight: it runs out by itself.
      await within(loop.stop().then(all), drainMs);
      abandoning.abort();
      await all();
      const released = await store.release().catch((err: unknown) => {
        logger.warn({ event: 'webhook.release.failed', err }, 'Claims could not be given back; they run out by themselves');
        return undefined;
      });
      logger.info({ event: 'webhook.drained', released }, 'Deliveries have stopped; what was in flight too long is given back');
    },
  };
}
