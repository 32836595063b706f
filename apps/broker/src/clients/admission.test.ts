import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeClient } from '../connections/fake-socket.fixture.js';
import { GuestGate } from '../doors/conformance/guest-gate.js';
import { withhold } from '../log/log.fixture.js';
import { MemoryLog } from '../log/memory-log.js';
import { BrokerMetrics } from '../metrics.js';
import { type BrokerLife, connect, life, pass } from '../sessions/broker-life.fixture.js';

let broker: BrokerLife | undefined;

afterEach(() => broker?.close());

test.each([
  [5, 0x88],
  [4, 3],
] as const)('a login of level %d that cannot be judged is refused, and ends nothing but itself', async (version, reasonCode) => {
  broker = await life(new MemoryLog(), 1);
  const client = new FakeClient(version);
  const gate = new GuestGate('192.0.2.1', new Set());
  gate.admit = (() => Promise.reject(new Error('no memory to hash it'))) as unknown as typeof gate.admit;
  broker.receive(client.socket, gate);
  await client.send(connect('c', { protocolVersion: version }));
  expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode }]);
  expect(client.socket.ended).toBe(true);
});

const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false, properties: {} };

describe('a CONNECT whose session finds no place on record, while the log answers others,', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    [5, 0x88],
    [4, 3],
  ] as const)('is answered at level %d when its time is over, and nothing of it is left', async (version, reasonCode) => {
    const log = new MemoryLog();
    const metrics = new BrokerMetrics(new Registry());
    broker = await life(log, 1, undefined, 1, { metrics });
    const letGo = withhold(log, ({ key, value }) => key === 'session:guest/default/c' && value !== null);
    const client = broker.plug(version);
    await client.send(connect('c', { protocolVersion: version, will }));
    await pass(29);
    expect(client.heard()).toEqual([]);
    await pass(2);
    expect(client.heard()).toMatchObject([{ type: 'connack', reasonCode, sessionPresent: false }]);
    expect(client.socket.ended).toBe(true);
    expect(await metrics.read({ name: 'limits_reached_total', labels: { limit: 'connack_time' } })).toBe(1);
    expect(broker.admission.waitingCount).toBe(0);
    letGo();
    const left = new Map(log.records.map(({ key, value }) => [key, value]));
    expect([left.get('session:guest/default/c') ?? null, left.get('will:guest/default/c')]).toEqual([null, null]);
    const back = broker.plug(version);
    await back.send(connect('c', { protocolVersion: version }));
    expect(back.heard()).toMatchObject([{ type: 'connack', reasonCode: 0, sessionPresent: false }]);
  });
});
