import { maxBridgedBytes, topics } from '@milepost/contracts';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { ProcessBudget } from '../connections/process-budget.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { Bridge, type Sender } from './bridge.js';
import type { Message } from './message.js';

const sender: Sender = { recordKey: 'truck-1', headers: { organisation: 'acme' } };
const message = (more: Partial<Message> = {}): Message => ({
  topic: 'fleet/truck-1/location',
  payload: Buffer.from('{}'),
  qos: 1,
  retain: false,
  properties: {},
  ...more,
});

function bridge({ maxQoS0Bytes = 1_000 } = {}) {
  const now = () => 1_000;
  const log = new MemoryLog({ partitions: 3, now });
  const budget = new ProcessBudget(1_000_000, () => []);
  const registry = new Registry();
  const dropped = async () => (await registry.getSingleMetric('milepost_broker_qos0_dropped_total')?.get())?.values;
  return { log, budget, dropped, bridge: new Bridge({ log, budget, maxQoS0Bytes, metrics: new BrokerMetrics(registry), now }) };
}

describe('the bridge', () => {
  test('keeps the payload as it is, and stamps it with the time of its arrival', async () => {
    const { bridge: it, log } = bridge();
    const payload = Buffer.from([0, 255, 10]);
    expect(await it.store(topics.location, message({ payload }), sender)).toMatchObject({ kind: 'stored' });
    expect(log.records).toMatchObject([
      { topic: 'fleet.location', key: 'truck-1', value: payload, headers: { organisation: 'acme' }, timestampMs: 1_000 },
    ]);
  });

  test('carries content type, content encoding and trace, and no other property', async () => {
    const { bridge: it, log } = bridge();
    const userProperties = [
      ['content-encoding', 'gzip'],
      ['organisation', 'rivals'],
      ['traceparent', '00-a-b-01'],
      ['x', 'y'],
    ] as const;
    await it.store(topics.location, message({ properties: { contentType: 'application/json', userProperties } }), sender);
    expect(log.records[0]?.headers).toEqual({
      organisation: 'acme',
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      traceparent: '00-a-b-01',
    });
  });

  test('counts what waits for Kafka against the process, until it has an outcome', async () => {
    const { bridge: it, log, budget } = bridge();
    log.pause();
    const stored = it.store(topics.location, message(), sender);
    expect(budget.usedBytes).toBeGreaterThan(0);
    log.resume();
    await stored;
    expect(budget.usedBytes).toBe(0);
  });

  test('refuses a payload above 512 KiB, whatever packet size is allowed', async () => {
    const { bridge: it, log } = bridge();
    const outcome = await it.store(topics.location, message({ payload: Buffer.alloc(maxBridgedBytes + 1) }), sender);
    expect(outcome).toMatchObject({ kind: 'refused', code: 'too_large' });
    expect(log.records).toEqual([]);
  });

  test('drops QoS 0 above its bound, and counts it', async () => {
    const { bridge: it, log, dropped } = bridge({ maxQoS0Bytes: 300 });
    log.pause();
    const first = it.offer(topics.location, message({ qos: 0 }), sender);
    expect(await it.offer(topics.location, message({ qos: 0 }), sender)).toBe(false);
    expect(await dropped()).toMatchObject([{ labels: { reason: 'buffer_full' }, value: 1 }]);
    log.resume();
    expect(await first).toBe(true);
    expect(await it.offer(topics.location, message({ qos: 0 }), sender)).toBe(true);
  });

  test('drops QoS 0 at once while Kafka does not answer', async () => {
    const { bridge: it, log, dropped } = bridge();
    log.pause();
    log.lastAnswerAtMs = performance.now() - 5_000;
    expect(await it.offer(topics.location, message({ qos: 0 }), sender)).toBe(false);
    expect(await dropped()).toMatchObject([{ labels: { reason: 'kafka_away' }, value: 1 }]);
  });
});
