import { expect, it, test, vi } from 'vitest';
import { connect } from '../broker-life.fixture.js';
import { brokerWorld } from '../broker-world.fixture.js';
import { ReadRate } from './read-rate.js';
import { SharedReadRate } from './shared-read-rate.js';

const packets = (perSecond: number) => SharedReadRate.of({ packetsPerSecond: perSecond, bytesPerSecond: 0 }, 0) as SharedReadRate;

const [a, b] = [{}, {}];

interface Sender {
  /** Packets of one read. */
  readonly size: number;
  /** How long it has nothing to send after a read. */
  readonly pauseMs: number;
  nextMs: number;
  waits: boolean;
  sent: number;
  longestWaitMs: number;
}

const sender = (size: number, pauseMs: number): Sender => ({ size, pauseMs, nextMs: 0, waits: false, sent: 0, longestWaitMs: 0 });

/** Each sends as it is read, a millisecond at a time. */
function run(rate: SharedReadRate, senders: readonly Sender[], seconds: number): void {
  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs++) {
    for (const each of senders) {
      if (each.nextMs > nowMs) continue;
      if (each.waits) rate.paid(each);
      const waitMs = rate.spend(each, 0, each.size, nowMs)?.waitMs ?? 0;
      each.waits = waitMs > 0;
      each.sent += each.size;
      each.nextMs = nowMs + Math.max(Math.ceil(waitMs), each.pauseMs, 1);
      each.longestWaitMs = Math.max(each.longestWaitMs, waitMs);
    }
  }
}

test('one read of a million packets holds up its sender alone', () => {
  const rate = packets(100);
  expect(rate.spend(a, 0, 1_000_000, 0)?.waitMs).toBeCloseTo(9_999_000);
  expect(rate.spend(b, 0, 1, 0)).toEqual({ limit: 'packet_rate_all', waitMs: 20 });
});

test('beside a flood one who sends less than its share is held up no longer than its share takes', () => {
  const flood = Array.from({ length: 9 }, () => sender(500, 0));
  const vehicle = sender(10, 1_000);
  run(packets(1_000), [...flood, vehicle], 60);
  expect(vehicle.sent).toBe(600);
  expect(vehicle.longestWaitMs).toBeLessThanOrEqual(100);
});

test('those who send more than their share get as much as each other, and all together the rate', () => {
  const all = [100, 100, 200, 400, 50].map((size) => sender(size, 0));
  run(packets(1_000), all, 100);
  for (const { sent } of all) expect(Math.abs(sent - 20_000)).toBeLessThan(2_000);
  const total = all.reduce((sum, { sent }) => sum + sent, 0);
  expect(total).toBeGreaterThan(95_000);
  expect(total).toBeLessThan(105_000);
});

test('what many leave of the rate goes to a flood, and no more', () => {
  const fleet = Array.from({ length: 90 }, (_, index) => ({ ...sender(1, 1_000), nextMs: index * 11 }));
  const flood = sender(500, 0);
  run(packets(100), [flood, ...fleet], 600);
  const total = [flood, ...fleet].reduce((sum, { sent }) => sum + sent, 0);
  for (const { sent } of fleet) expect(sent).toBeGreaterThan(590);
  expect(total).toBeLessThan(100 * 600 * 1.1);
});

test('nobody waits longer than anything is owed, and within the rate nobody waits', () => {
  const rate = SharedReadRate.of({ packetsPerSecond: 0, bytesPerSecond: 1_000 }, 0);
  expect(rate?.spend(a, 1_000, 5_000, 0)).toBeUndefined();
  expect(rate?.spend(b, 500, 1, 400)).toEqual({ limit: 'byte_rate_all', waitMs: 100 });
  expect(rate?.spend(a, 900, 1, 1_400)).toBeUndefined();
});

test('who is read in spite of its wait waits for that too, and who has gone is not reckoned with', () => {
  const rate = packets(100);
  rate.spend(a, 0, 200, 0);
  expect(rate.spend(a, 0, 10, 0)?.waitMs).toBe(1_100);
  rate.paid(a);
  expect(rate.spend(b, 0, 10, 0)?.waitMs).toBe(100);
});

test('without limits it costs nothing, and with them a client without its own is judged', () => {
  expect(SharedReadRate.of({ packetsPerSecond: 0, bytesPerSecond: 0 }, 0)).toBeUndefined();
  expect(ReadRate.of(undefined, packets(1), 0)?.spend(0, 3, 0)).toEqual({ limit: 'packet_rate_all', waitMs: 2_000 });
});

test('of two limits the longer wait counts', () => {
  const own = { packetsPerSecond: 10, bytesPerSecond: 0 };
  expect(ReadRate.of(own, packets(100), 0)?.spend(0, 110, 0)).toEqual({ limit: 'packet_rate', waitMs: 10_000 });
  expect(ReadRate.of(own, packets(1), 0)?.spend(0, 11, 0)).toEqual({ limit: 'packet_rate_all', waitMs: 10_000 });
});

const world = brokerWorld({ ratesInAll: { packetsPerSecond: 10, bytesPerSecond: 0 } }, 'intervals and timeouts');

const ping = { type: 'pingreq' } as const;
const pings = (count: number) => Array.from({ length: count }, () => ping);

async function connected(clientId: string) {
  const client = world.plug();
  await client.send(connect(clientId));
  client.heard();
  return client;
}

it('beyond it a client is answered, is not read while it pays, and others that send little are read again before it', async () => {
  const [flood, vehicle, other] = [await connected('flood'), await connected('vehicle'), await connected('other')];
  await flood.send(...pings(40));
  await vehicle.send(ping);
  expect(flood.heard()).toHaveLength(40);
  expect([flood.socket.paused, vehicle.socket.paused]).toEqual([true, true]);
  expect(await world.reached('packet_rate_all')).toBe(2);
  vi.advanceTimersByTime(200);
  expect([flood.socket.paused, vehicle.socket.paused]).toEqual([true, false]);
  // The vehicle has paid: the rate is shared by two, not by three.
  await other.send(ping);
  vi.advanceTimersByTime(200);
  expect(other.socket.paused).toBe(false);
  vi.advanceTimersByTime(3_000);
  expect(flood.socket.paused).toBe(false);
});

it.each(['while it pays', 'with what it would pay for'])('one that ends %s is reckoned with no more', async (when) => {
  const [flood, vehicle] = [await connected('flood'), await connected('vehicle')];
  if (when === 'while it pays') {
    await flood.send(...pings(40));
    flood.socket.emit('close');
  } else await flood.send(...pings(40), { type: 'disconnect', reasonCode: 0, properties: {} });
  await vehicle.send(ping);
  expect(vehicle.socket.paused).toBe(true);
  vi.advanceTimersByTime(100);
  expect(vehicle.socket.paused).toBe(false);
});
