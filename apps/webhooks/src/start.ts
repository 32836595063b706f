import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createPool, refreshFeedEpoch } from '@milepost/database';
import { connectKafka, createLogWriter } from '@milepost/kafka';
import { createGuardedAgent, parseAllowList } from '@milepost/outbound';
import { type AppContext, type RunningApp, within } from '@milepost/runtime';
import type { Config } from './config.js';
import { deliveryStore } from './deliver/delivery-store.js';
import { deliveryWorker } from './deliver/delivery-worker.js';
import { sendAttempt } from './deliver/send-attempt.js';
import { dispatchBatchSize, dispatchEvents } from './dispatch/dispatch-events.js';
import { suspendEndpoints } from './endpoints/suspend-endpoints.js';
import { lookForWork } from './loop/look-for-work.js';
import { pollLoop } from './loop/poll-loop.js';
import { createWebhookMetrics } from './metrics.js';
import { alertsPartitions } from './relay/alerts-partitions.js';
import { createRelay } from './relay/relay-events.js';
import { forgetGoneEndpoints } from './upkeep/forget-gone-endpoints.js';
import { forgetOldRows } from './upkeep/forget-old-rows.js';
import { measureBacklog } from './upkeep/measure-backlog.js';

/** The loops that work are woken when there is work; of themselves they turn but seldom. */
const unaskedEveryMs = 2_000;
const suspendEveryMs = 1_000;
const measureEveryMs = 10_000;
const upkeepEveryMs = 600_000;
/** Under the 15 s that a process has to stop; what takes longer is given back and repeated. */
const drainMs = 5_000;
const writerCloseMs = 3_000;
/** What waits for somebody's lock in Postgres, or for a Kafka that does not answer: whoever stops does not wait with it. */
const statementsPatienceMs = 2_000;
const clientsPatienceMs = 1_000;

/** Everything that runs in the process: loops over Postgres, and what they share. */
export async function startWebhooks({ config, logger, registry }: AppContext<Config>): Promise<RunningApp> {
  const allow = parseAllowList(config.WEBHOOK_ALLOW);
  if (allow.length > 0)
    logger.warn({ event: 'webhook.allow', networks: config.WEBHOOK_ALLOW }, 'Webhooks may reach networks that are not public');
  const metrics = createWebhookMetrics(registry);
  const scheduleMs = config.WEBHOOK_RETRY_SCHEDULE_MS.map(Number);
  const pool = createPool({ url: config.DATABASE_URL, app: 'webhooks', size: config.DATABASE_POOL_SIZE, logger });
  const kafka = connectKafka(config, { clientId: 'milepost-webhooks', logger });
  const writer = createLogWriter(kafka, { logger, registry });
  const ca = config.WEBHOOK_CA_FILE === undefined ? {} : { ca: readFileSync(config.WEBHOOK_CA_FILE) };
  const dispatcher = createGuardedAgent(allow, { connectTimeoutMs: config.WEBHOOK_TIMEOUT_MS, ...ca });
  await refreshFeedEpoch(pool).catch((err: unknown) => logger.warn({ event: 'database.unreachable', err }, 'Postgres does not answer yet'));

  const worker = deliveryWorker({
    store: deliveryStore(pool, `${hostname()}/${process.pid}/${randomUUID()}`, {
      failures: config.WEBHOOK_BREAKER_FAILURES,
      pauseMs: config.WEBHOOK_BREAKER_PAUSE_MS,
    }),
    send: (delivery, signal) =>
      sendAttempt(delivery, { dispatcher, allow, timeoutMs: config.WEBHOOK_TIMEOUT_MS, publicUrl: config.WEBHOOK_PUBLIC_URL, signal }),
    scheduleMs,
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
    concurrency: config.WEBHOOK_CONCURRENCY,
    perEndpoint: config.WEBHOOK_ENDPOINT_CONCURRENCY,
    pollMs: unaskedEveryMs,
    logger,
    metrics,
  });

  const dispatch = pollLoop({
    name: 'dispatch',
    intervalMs: unaskedEveryMs,
    logger,
    turn: async () => {
      const { events, deliveries, oldestAgeSeconds } = await dispatchEvents(pool, scheduleMs[0] ?? 0);
      metrics.dispatched.inc(events);
      metrics.created.inc(deliveries);
      if (oldestAgeSeconds !== null) metrics.dispatchSeconds.observe(oldestAgeSeconds);
      if (deliveries > 0) worker.wake();
      return events === dispatchBatchSize ? 'again' : 'idle';
    },
  });

  const relay = createRelay({ pool, writer, logger, metrics });
  let partitions: number | undefined;
  const relaying = pollLoop({
    name: 'relay',
    intervalMs: unaskedEveryMs,
    logger,
    turn: async (signal) => {
      partitions ??= await alertsPartitions({ pool, kafka, signal, logger });
      return relay.turn(partitions);
    },
  });

  const look = pollLoop({
    name: 'look for work',
    intervalMs: config.WEBHOOK_POLL_MS,
    logger,
    turn: async () => {
      const { toDispatch, toRelay, toDeliver } = await lookForWork(pool);
      if (toDispatch) dispatch.wake();
      if (toRelay) relaying.wake();
      if (toDeliver) worker.wake();
      return 'idle';
    },
  });

  const suspend = pollLoop({
    name: 'suspension',
    intervalMs: suspendEveryMs,
    logger,
    turn: async () => {
      for (const endpointId of await suspendEndpoints(pool, config.WEBHOOK_SUSPEND_AFTER_MS)) {
        metrics.suspended.inc();
        logger.warn({ event: 'webhook.endpoint.suspended', endpointId }, 'An endpoint kept failing and is suspended; its deliveries wait');
      }
      return 'idle';
    },
  });

  const measure = pollLoop({
    name: 'measurement',
    intervalMs: measureEveryMs,
    logger,
    turn: async () => {
      await measureBacklog(pool, metrics);
      await forgetGoneEndpoints(pool, metrics);
      return 'idle';
    },
  });

  const upkeep = pollLoop({
    name: 'upkeep',
    intervalMs: upkeepEveryMs,
    logger,
    turn: (signal) =>
      forgetOldRows({ pool, retentionDays: config.WEBHOOK_RETENTION_DAYS, logger, metrics }, signal).then(() => 'idle' as const),
  });

  return {
    // Kafka's absence is no reason: webhooks go out without it, and the relay's lag is a metric.
    ready: () => [look.problem(), dispatch.problem(), worker.problem()].filter((problem) => problem !== undefined),
    close: async () => {
      await within(Promise.all([look.stop(), dispatch.stop(), suspend.stop(), measure.stop(), upkeep.stop()]), statementsPatienceMs);
      // Closing the writer ends a relay turn that waits for Kafka.
      await Promise.all([within(worker.close({ drainMs }), drainMs + statementsPatienceMs), writer.close({ timeoutMs: writerCloseMs })]);
      await within(relaying.stop(), statementsPatienceMs);
      relay.close();
      await within(Promise.all([dispatcher.destroy(), kafka.close(), pool.end()]), clientsPatienceMs);
    },
  };
}
