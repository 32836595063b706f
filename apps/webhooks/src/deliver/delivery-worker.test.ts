import { createLogger, createMetrics, sleep } from '@milepost/runtime';
import { describe, expect, it, vi } from 'vitest';
import { createWebhookMetrics } from '../metrics.js';
import type { AttemptResult } from './attempt-result.js';
import type { ClaimedDelivery, ClaimLimits, DeliveryStore, RecordedAttempt } from './delivery-store.js';
import { type DeliveryWorker, deliveryWorker } from './delivery-worker.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const metrics = createWebhookMetrics(createMetrics('test'));
const answered = { kind: 'answered', statusCode: 204, latencyMs: 1, responseBody: '' } satisfies AttemptResult;

const delivery = (id: string): ClaimedDelivery => ({
  id,
  endpointId: 'endpoint',
  eventId: `event of ${id}`,
  attempts: 0,
  eventType: 'alert.opened',
  eventAgeMs: 0,
  isReplay: false,
  body: '{}',
  format: 'native',
  headers: {},
  url: 'https://example.com/',
  secret: 'whsec_AAAA',
  previousSecret: null,
});

interface Setup {
  claims: ClaimedDelivery[][];
  record?: DeliveryStore['record'];
  release?: DeliveryStore['release'];
  send?: (delivery: ClaimedDelivery, signal: AbortSignal) => Promise<AttemptResult>;
  claimTakesMs?: number;
  concurrency?: number;
  timeoutMs?: number;
}

function start({
  claims,
  record = async () => true,
  release = async () => 0,
  send = async () => answered,
  claimTakesMs = 0,
  concurrency = 10,
  // A claim is held for twice as long: a machine that is busy for less than that does not make its delivery late.
  timeoutMs = 10_000,
}: Setup) {
  const asked: ClaimLimits[] = [];
  const recorded: RecordedAttempt[] = [];
  const sent: string[] = [];
  const state = { asked, recorded, sent, released: 0 };
  const store: DeliveryStore = {
    claim: async (limits) => {
      asked.push(limits);
      await sleep(claimTakesMs);
      return claims.shift() ?? [];
    },
    record: async (attempt) => {
      const kept = await record(attempt);
      recorded.push(attempt);
      return kept;
    },
    release: async () => {
      state.released += 1;
      return release();
    },
  };
  const worker: DeliveryWorker = deliveryWorker({
    store,
    send: (claimed, signal) => {
      sent.push(claimed.id);
      return send(claimed, signal);
    },
    scheduleMs: [0, 1_000],
    timeoutMs,
    concurrency,
    perEndpoint: 5,
    pollMs: 5,
    logger,
    metrics,
  });
  return { ...state, state, worker };
}

const untilAborted = (_delivery: ClaimedDelivery, signal: AbortSignal): Promise<AttemptResult> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'abandoned' })));

describe('deliveryWorker', () => {
  it('never claims more than there is room for', async () => {
    const { asked, worker } = start({ claims: [[delivery('a'), delivery('b')]], send: untilAborted, concurrency: 3 });
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2), { timeout: 30_000 });
    expect(asked[0]?.deliveries).toBe(3);
    expect(new Set(asked.slice(1).map(({ deliveries }) => deliveries))).toEqual(new Set([1]));
    await worker.close({ drainMs: 0 });
  });

  it('writes down what was sent even when the database fails meanwhile, and does not send it again', async () => {
    let failures = 2;
    const record = async () => {
      if (failures-- > 0) throw new Error('connection lost');
      return true;
    };
    // The waits between are drawn below 100 and 200 ms.
    const { recorded, sent, worker } = start({ claims: [[delivery('a')]], record });
    await expect.poll(() => recorded, { timeout: 20_000 }).toHaveLength(1);
    expect(sent).toEqual(['a']);
    await worker.close({ drainMs: 0 });
  });

  it('does not send when so much of the lease is gone that another could send too', async () => {
    const { sent, worker } = start({ claims: [[delivery('late')]], claimTakesMs: 80, timeoutMs: 50 });
    await sleep(120);
    expect(sent).toEqual([]);
    await worker.close({ drainMs: 0 });
  });

  it('sends no heartbeat that is over a minute old, for whoever got it would take the pipeline for alive', async () => {
    const heartbeat = (id: string, eventAgeMs: number, isReplay = false) => ({
      ...delivery(id),
      ...{ eventType: 'pipeline.heartbeat', eventAgeMs, isReplay },
    });
    const claims = [[heartbeat('fresh', 59_000), heartbeat('late', 61_000), heartbeat('asked for', 3_600_000, true)]];
    const { recorded, sent, worker } = start({ claims: [...claims, [{ ...delivery('alert'), eventAgeMs: 3_600_000 }]] });
    await expect.poll(() => recorded, { timeout: 20_000 }).toHaveLength(4);
    expect(sent).toEqual(['fresh', 'asked for', 'alert']);
    expect(recorded.find((attempt) => attempt.delivery.id === 'late')).toMatchObject({
      verdict: { status: 'dead', disableEndpoint: false, error: expect.stringContaining('61 s') },
      health: 'unasked',
    });
    await worker.close({ drainMs: 0 });
  });

  it('lets what is in flight finish when it closes, and records it', async () => {
    const { state, recorded, sent, worker } = start({ claims: [[delivery('a')]], send: () => sleep(30).then(() => answered) });
    await vi.waitFor(() => expect(sent).toEqual(['a']), { timeout: 30_000 });
    await worker.close({ drainMs: 30_000 });
    expect(recorded.map((attempt) => attempt.verdict)).toEqual([{ status: 'delivered' }]);
    expect(state.released).toBe(1);
  });

  it('gives back unrecorded what does not finish in time', async () => {
    const { state, recorded, sent, worker } = start({ claims: [[delivery('a')]], send: untilAborted });
    await vi.waitFor(() => expect(sent).toEqual(['a']), { timeout: 30_000 });
    await worker.close({ drainMs: 20 });
    expect(recorded).toEqual([]);
    expect(state.released).toBe(1);
  });

  it('closes in order though the database is away: what it has claimed runs out by itself', async () => {
    const { state, worker } = start({ claims: [], release: () => Promise.reject(new Error('connect ECONNREFUSED')) });
    await worker.close({ drainMs: 0 });
    expect(state.released).toBe(1);
  });

  it('closes, and gives back what it has, though a claim is not answered', async () => {
    const { state, worker } = start({ claims: [], claimTakesMs: 60_000 });
    await vi.waitFor(() => expect(state.asked).toHaveLength(1), { timeout: 30_000 });
    await worker.close({ drainMs: 20 });
    expect(state.released).toBe(1);
  });

  it('has more than ten in flight, and Node sees no leak in it', async () => {
    const warnings: string[] = [];
    const heard = ({ name }: Error) => void warnings.push(name);
    process.on('warning', heard);
    try {
      const twelve = Array.from({ length: 12 }, (_, index) => delivery(String(index)));
      const { sent, worker } = start({ claims: [twelve], send: untilAborted, concurrency: 12 });
      await vi.waitFor(() => expect(sent).toHaveLength(12), { timeout: 30_000 });
      await sleep(0);
      await worker.close({ drainMs: 0 });
    } finally {
      process.off('warning', heard);
    }
    expect(warnings).toEqual([]);
  });
});
