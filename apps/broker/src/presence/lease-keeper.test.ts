import type { PresenceRecord } from '@milepost/contracts';
import { createLogger } from '@milepost/runtime';
import { describe, expect, test } from 'vitest';
import { MemoryLog } from '../log/memory-log.js';
import type { ConnectionFacts } from './announced-connection.js';
import { LeaseKeeper, type LeaseKeeperOptions, nextEpoch } from './lease-keeper.js';
import { PresencePublisher } from './presence-publisher.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

const facts: ConnectionFacts = {
  vehicleId: 'truck-1',
  organisation: 'acme',
  connectedAt: '2026-11-24T00:00:00.000Z',
  address: '192.0.2.1',
  protocolVersion: 5,
  cleanStart: true,
  keepAliveSeconds: 60,
  sessionExpirySeconds: 0,
  certificate: { issuer: 'CN=CA', serial: 'AB', notAfter: '2027-11-24T00:00:00.000Z' },
};

function keeper(more: Pick<LeaseKeeperOptions, 'onTwin'> = {}) {
  /** `logAheadMs`: how far the log's clock is ahead of the node's. */
  const clock = { nowMs: 1_000, logAheadMs: 0 };
  const now = () => clock.nowMs;
  const log = new MemoryLog({ partitions: 2, now: () => clock.nowMs + clock.logAheadMs });
  const publisher = new PresencePublisher({ log, node: 'node-a', epoch: 500, partitions: 2, now });
  const history = { lastSeenEpoch: 0, reads: 0, readToEnd: async () => void history.reads++ };
  const events: string[] = [];
  const write = (line: string) => void events.push((JSON.parse(line) as { event: string }).event);
  const logger = createLogger({ app: 'test', level: 'warn', destination: { write } });
  const it = new LeaseKeeper({ publisher, history, partitions: 2, logger, now, ...more });
  const records = () => log.records.map(({ value }) => JSON.parse(String(value)) as PresenceRecord);
  const leases = () => records().flatMap((r) => (r.kind === 'lease' ? [[r.partition, r.epoch]] : []));
  return { clock, log, publisher, history, it, leases, records, events };
}

describe('leases', () => {
  test('go to every partition with each beat', async () => {
    const { it, leases, history } = keeper();
    it.tick();
    await settled();
    expect(leases()).toEqual([
      [0, 500],
      [1, 500],
    ]);
    expect(history.reads).toBe(0);
  });

  test('older than 8 s: the log is read to its end before the node takes a new epoch', async () => {
    const { it, clock, publisher, history, leases } = keeper();
    it.tick();
    await settled();
    clock.nowMs += 8_001;
    it.tick();
    expect(publisher.epoch).toBe(500);
    await settled();
    expect(history.reads).toBe(1);
    expect(publisher.epoch).toBe(clock.nowMs);
    expect(leases().slice(2)).toEqual([
      [0, clock.nowMs],
      [1, clock.nowMs],
    ]);
  });

  test('that were stored only after 8 s do not make the node fresh again: others may have counted it out', async () => {
    const { it, clock, log, publisher } = keeper();
    it.tick();
    await settled();
    log.pause();
    it.tick();
    clock.nowMs += 9_000;
    log.resume();
    await settled();
    expect(publisher.epoch).toBe(500);
    it.tick();
    await settled();
    expect(publisher.epoch).toBe(clock.nowMs);
    expect(it.ageMs).toBe(0);
  });

  test('stop while the node returns, until the log could be read', async () => {
    const { it, clock, history, leases } = keeper();
    let readable: () => void = () => undefined;
    history.readToEnd = () => new Promise<undefined>((resolve) => (readable = () => resolve(undefined)));
    clock.nowMs += 8_001;
    it.tick();
    it.tick();
    await settled();
    expect(leases()).toEqual([]);
    readable();
    await settled();
    expect(leases()).toHaveLength(2);
  });

  test('come no more, nor a later epoch, from a node that was stopped while it read the log: another has its place', async () => {
    const { it, clock, history, publisher, leases } = keeper();
    history.readToEnd = async () => void it.stop();
    clock.nowMs += 8_001;
    it.tick();
    await settled();
    expect([publisher.epoch, leases()]).toEqual([500, []]);
  });

  test('come no more, nor a later epoch, from a node that finds its successor of the same name when it comes back', async () => {
    const twins: string[] = [];
    const { it, clock, history, publisher, leases } = keeper({ onTwin: ({ message }) => twins.push(message) });
    // The successor is found by the reading alone: the log came no further before.
    history.readToEnd = async () => {
      history.lastSeenEpoch = 15_000;
    };
    clock.nowMs += 20_000;
    it.tick();
    await settled();
    it.tick();
    await settled();
    expect([twins, publisher.epoch, leases()]).toEqual([[expect.stringContaining('NODE_ID')], 500, []]);
  });

  test('go on, with an epoch above all that was seen, where nobody has to give way to the next of its name', async () => {
    const { it, clock, history, publisher, leases } = keeper();
    history.readToEnd = async () => {
      history.lastSeenEpoch = 50_000;
    };
    clock.nowMs += 8_001;
    it.tick();
    await settled();
    expect([publisher.epoch, leases().length]).toEqual([50_001, 2]);
  });
});

test('a node that takes a later epoch says why: its leases are stale, or the log knows one that it read too late', async () => {
  const stale = keeper();
  stale.clock.nowMs += 8_001;
  stale.it.tick();
  await settled();
  expect(stale.events).toEqual(['broker.presence.stale', 'broker.presence.resumed']);

  const { it, publisher, history, events } = keeper();
  history.lastSeenEpoch = 50_000;
  await it.followHistory();
  expect(events).toEqual(['broker.presence.epoch_behind', 'broker.presence.resumed']);
  expect(publisher.epoch).toBe(50_001);
  await it.followHistory();
  expect(publisher.epoch).toBe(50_001);
});

describe('a node whose clock stood still, or was set back, while the log went on', () => {
  /** A beat, after what passed here and in the log alone. */
  const beat = async ({ it, clock }: ReturnType<typeof keeper>, hereMs: number, inLogMs = 0) => {
    clock.nowMs += hereMs;
    clock.logAheadMs += inLogMs;
    it.tick();
    await settled();
  };

  test.each([
    ['stood still', 2_000, 13_000],
    ['was set back', -60_000, 75_000],
    ['lost just as much as others need to find a node lost', 2_000, 5_500],
  ])('(%s) reads the log and takes a new epoch, once', async (_how, hereMs, inLogMs) => {
    const node = keeper();
    await beat(node, 0);
    await beat(node, 2_000);
    await beat(node, hereMs, inLogMs);
    await beat(node, 2_000);
    const { epoch } = node.publisher;
    expect(epoch).toBeGreaterThan(500);
    expect(node.history.reads).toBe(1);
    expect(node.events).toEqual(['broker.presence.counted_out', 'broker.presence.resumed']);
    for (let beats = 0; beats < 3; beats++) await beat(node, 2_000);
    expect(node.publisher.epoch).toBe(epoch);
  });

  test('goes on as it is where that was too short for others to find it lost', async () => {
    const node = keeper();
    await beat(node, 0);
    await beat(node, 2_000, 5_499);
    for (let beats = 0; beats < 3; beats++) await beat(node, 2_000);
    expect([node.publisher.epoch, node.history.reads]).toEqual([500, 0]);
  });

  test('is not deceived by a lease that was sent twice, of which others may have read the first copy', async () => {
    const node = keeper();
    await beat(node, 0);
    const append = node.log.append.bind(node.log);
    node.log.append = async (...record) => {
      const outcome = await append(...record);
      return outcome.kind === 'stored' ? { ...outcome, resent: true } : outcome;
    };
    await beat(node, 2_000, 3_000);
    node.log.append = append;
    await beat(node, 2_000, 3_000);
    await beat(node, 2_000);
    expect(node.publisher.epoch).toBeGreaterThan(500);
  });
});

test('while Kafka can be read and takes nothing, the connections are announced once, not with every beat', async () => {
  const { it, clock, log, publisher, records } = keeper();
  publisher.connected(facts);
  it.tick();
  await settled();
  log.pause();
  for (let beat = 0; beat < 30; beat++) {
    clock.nowMs += 2_000;
    it.tick();
    await settled();
  }
  log.resume();
  await settled();
  const resumed = () => records().filter((record) => record.kind === 'connected' && record.resumed);
  expect(resumed()).toHaveLength(1);
  // What was stored so late freshens nothing: now that Kafka takes it, the node comes back with a last new epoch.
  it.tick();
  await settled();
  expect(resumed()).toHaveLength(2);
  expect(it.ageMs).toBe(0);
  expect(records().at(-1)).toMatchObject({ kind: 'lease', epoch: publisher.epoch });
});

test('an epoch is the time, or one more than the last that was seen, whichever is larger', () => {
  expect(nextEpoch(1_000, 0)).toBe(1_000);
  expect(nextEpoch(1_000, 999)).toBe(1_000);
  expect(nextEpoch(1_000, 1_000)).toBe(1_001);
  expect(nextEpoch(1_000, 5_000)).toBe(5_001);
});
