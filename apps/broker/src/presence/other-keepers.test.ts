import type { Lease } from '@milepost/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isOutdoneBy, OtherKeepers } from './other-keepers.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const lease = (node: string, counter: number, more: Partial<Lease> = {}): Lease => ({
  kind: 'lease',
  node,
  epoch: 100,
  counter,
  role: 'broker',
  partition: 0,
  keepsState: true,
  ...more,
});

/** What became of waiting after `passMs`, while the other one gives a sign of life each 2 s until `untilMs`. */
async function waited(keepers: OtherKeepers, passMs: number, untilMs = -1): Promise<string> {
  let outcome = 'waits';
  void keepers.untilGone().then(
    () => {
      outcome = 'gone';
    },
    (error: Error) => {
      outcome = error.message;
    },
  );
  for (let passed = 0; passed < passMs; passed += 500) {
    await vi.advanceTimersByTimeAsync(500);
    if (passed <= untilMs && passed % 2_000 === 0) keepers.read(lease('other', 2 + passed));
  }
  return outcome;
}

test('a start beside nobody goes on at once', async () => {
  const keepers = new OtherKeepers();
  keepers.read(lease('several', 1, { keepsState: false }));
  keepers.read(lease('alerts', 1, { role: 'alerts' }));
  expect(await waited(keepers, 500)).toBe('gone');
});

test('a start after a keeper that was killed long ago goes on when it has listened for two leases, and heard none', async () => {
  expect(await waitedFor(60_000, 3_500)).toBe('waits');
  expect(await waitedFor(60_000, 4_500)).toBe('gone');
});

test("a start beside a keeper that lives is refused though its leases look old by this host's clock, which is ahead of the log's", async () => {
  const keepers = new OtherKeepers();
  keepers.read(lease('other', 1), Date.now() - 60_000);
  expect(await waited(keepers, 16_000, 16_000)).toMatch(/^Another broker, NODE_ID other, keeps the MQTT state/);
});

/** What became of waiting after a lease of that age, of a keeper that says no more. */
function waitedFor(ageMs: number, passMs: number): Promise<string> {
  const keepers = new OtherKeepers();
  keepers.read(lease('other', 1), Date.now() - ageMs);
  return waited(keepers, passMs);
}

test('a start after a keeper that was killed waits until that cannot go on any more', async () => {
  expect(await waitedFor(1_000, 8_500)).toBe('waits');
  expect(await waitedFor(1_000, 9_500)).toBe('gone');
});

test('a start after a keeper that said that it ends does not wait, whatever of it comes late', async () => {
  const keepers = new OtherKeepers();
  keepers.read(lease('other', 1));
  keepers.read(lease('other', 3, { keepsState: false }));
  keepers.read(lease('other', 2, { partition: 1 }));
  expect(await waited(keepers, 500)).toBe('gone');
});

test('a start beside a keeper that lives is refused, and told which one', async () => {
  const keepers = new OtherKeepers();
  keepers.read(lease('other', 1));
  expect(await waited(keepers, 16_000, 16_000)).toMatch(/^Another broker, NODE_ID other, keeps the MQTT state/);
});

test.each([
  ['on', 3_600_000],
  ['back', -3_600_000],
])('a start beside a keeper that lives is refused in time though somebody sets the clock %s meanwhile', async (_way, ms) => {
  const keepers = new OtherKeepers();
  keepers.read(lease('other', 1));
  setTimeout(() => vi.setSystemTime(Date.now() + ms), 5_100);
  expect(await waited(keepers, 16_000, 16_000)).toMatch(/^Another broker, NODE_ID other, keeps the MQTT state/);
});

test('each lease of another keeper is told, and of two keepers exactly one is out', () => {
  const keepers = new OtherKeepers();
  const told: number[] = [];
  keepers.watch(({ counter }) => told.push(counter));
  keepers.read(lease('other', 1));
  keepers.read(lease('other', 2));
  keepers.read(lease('other', 1));
  keepers.read(lease('several', 9, { keepsState: false }));
  expect(told).toEqual([1, 2]);
  for (const [a, b] of [
    [lease('a', 1), lease('b', 1)],
    [lease('a', 1, { epoch: 101 }), lease('b', 1)],
  ] as const)
    expect([isOutdoneBy(a, b), isOutdoneBy(b, a)].filter(Boolean)).toHaveLength(1);
});

test('brokers whose names change are not remembered without bound; the highest epoch of a keeper is', () => {
  const keepers = new OtherKeepers();
  for (let node = 0; node < 5_000; node++) keepers.read(lease(`pod-${node}`, 1, { epoch: node === 7 ? 900 : 100 }));
  expect(keepers.lastEpoch).toBe(900);
  expect(keepers.size).toBe(1_000);
});
