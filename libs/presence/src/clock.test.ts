import type { Lease } from '@milepost/contracts';
import { describe, expect, it } from 'vitest';
import { type PartitionClock, steadyTimeOf, stepClock, unsetClock } from './clock/partition-clock.js';
import { readLease } from './clock/writers.js';
import { FixtureLog } from './log.fixture.js';
import { fixedPolicy } from './policy/policies.js';
import { defaultPolicy } from './policy/policy.js';
import { PresencePartition } from './presence-partition.js';

/** Leases in the order of the log: [writer, seconds, counter?, epoch?]. */
type Said = [node: string, seconds: number, counter?: number, epoch?: number];

function after(said: Said[], from: PartitionClock = unsetClock): PartitionClock & { lost: string[] } {
  let clock = from;
  const lost: string[] = [];
  said.forEach(([node, seconds, counter = seconds * 10, epoch = 1], index) => {
    const lease: Lease = { kind: 'lease', node, role: 'broker', epoch, counter, partition: 0 };
    const read = readLease(clock.writers, lease, seconds * 1_000, 1_000 * (from === unsetClock ? 1 : 2) + index);
    if (read === undefined) return;
    lost.push(...read.lost.map((writer) => writer.node));
    clock = stepClock(clock, read.writers);
  });
  return { ...clock, lost };
}

const every2s = (node: string, from: number, to: number): Said[] => {
  const said: Said[] = [];
  for (let at = from; at <= to; at += 2) said.push([node, at]);
  return said;
};

describe('log time', () => {
  it('is the oldest of the newest leases', () => {
    expect(
      after([
        ['a', 10],
        ['b', 11],
        ['a', 12],
      ]).logTimeMs,
    ).toBe(11_000);
  });

  it('leaves a lost writer out', () => {
    const clock = after([['a', 10], ...every2s('b', 10, 22)]);
    expect(clock.lost).toEqual(['a']);
    expect(clock.logTimeMs).toBe(22_000);
  });

  it('never goes back, even when a new leader of the partition has an older clock', () => {
    const clock = after([
      ['a', 10],
      ['a', 5, 200],
    ]);
    expect(clock.logTimeMs).toBe(10_000);
  });

  it('is not moved by a lease that is repeated or of an older epoch', () => {
    expect(
      after([
        ['a', 10, 1],
        ['a', 20, 1],
      ]).logTimeMs,
    ).toBe(10_000);
    expect(
      after([
        ['a', 10, 5, 2],
        ['a', 20, 99, 1],
      ]).logTimeMs,
    ).toBe(10_000);
  });
});

describe('a writer is lost', () => {
  it('when another has written five leases since its last one, and not before', () => {
    expect(after([['a', 10], ...every2s('b', 12, 18)]).lost).toEqual([]);
    expect(after([['a', 10], ...every2s('b', 12, 20)]).lost).toEqual(['a']);
  });

  it('counting only leases at least 1.5 s after the one counted before: a burst after an outage proves nothing', () => {
    const burst: Said[] = [0, 0.5, 1, 1.4, 2, 2.5, 3, 3.5].map((more) => ['b', 12 + more]);
    expect(after([['a', 10], ...burst]).lost).toEqual([]);
  });

  it('and is heard again with its next lease', () => {
    const clock = after([['a', 10], ...every2s('b', 12, 20), ['a', 21], ['b', 22]]);
    expect(clock.logTimeMs).toBe(21_000);
  });

  it('by no sum of several others, and never by itself', () => {
    expect(
      after([
        ['a', 10],
        ['b', 12],
        ['c', 13],
        ['b', 14],
        ['c', 15],
        ['b', 16],
        ['c', 17],
      ]).lost,
    ).toEqual([]);
    expect(
      after([
        ['a', 10],
        ['a', 100],
      ]).lost,
    ).toEqual([]);
  });
});

describe("the partition's clock", () => {
  it('follows log time', () => {
    expect(after(every2s('a', 10, 30)).clockMs).toBe(30_000);
  });

  it('adds one step for an outage, not its length, and does not catch up afterwards', () => {
    const clock = after([...every2s('a', 10, 20), ['a', 620], ['a', 622]]);
    expect(clock.logTimeMs).toBe(622_000);
    expect(clock.clockMs).toBe(20_000 + 4_000 + 2_000);
  });
});

describe("where the log's own clock is set back", () => {
  const lostVehicle = () => {
    const log = new FixtureLog({}, ['a', 'b']);
    log.connected('v', 'c1', { node: 'a' });
    return log.pass(10);
  };

  it('graces run on', () => {
    const log = lostVehicle();
    log.disconnected('v', 'c1', 'network_error');
    expect(log.setBack(3_600).pass(28).alerts('v')).toEqual([]);
    expect(log.pass(6).alerts('v')).toEqual(['offline']);
  });

  it('a node is found to be lost as soon as ever', () => {
    const log = lostVehicle();
    log.node('a').silent = true;
    expect(log.setBack(3_600).pass(14).state('v')).toBe('suspect');
    expect(log.presence.clock.logTimeMs).toBe(log.nowMs);
  });

  it('what fell due before waits for the other partitions no longer than else', () => {
    const log = lostVehicle();
    log.facts = { report: {} };
    log.disconnected('v', 'c1', 'network_error');
    log.pass(40).setBack(3_600).pass(10);
    log.facts = { consumedToMs: steadyTimeOf(log.presence.clock), report: {} };
    expect(log.pass(0).alerts('v')).toEqual([]);
    log.judge();
    expect(log.alerts('v')).toEqual(['offline']);
  });

  it('nor does what fell due for a process of the version before, which noted no set-back', () => {
    const log = lostVehicle();
    log.facts = { report: {} };
    log.disconnected('v', 'c1', 'network_error');
    log.pass(40).setBack(3_600).pass(10);
    const { setBackMs, ...clock } = log.presence.clock;
    expect(setBackMs).toBeGreaterThan(3_590_000);
    log.presence = new PresencePartition(fixedPolicy(defaultPolicy), { clock, vehicles: log.presence.vehicles(), closed: [] });
    log.facts = { consumedToMs: steadyTimeOf(clock), report: {} };
    log.judge();
    expect(log.alerts('v')).toEqual(['offline']);
  });

  it('graces run on although all writers begin anew under other names meanwhile', () => {
    const log = lostVehicle();
    log.disconnected('v', 'c1', 'network_error');
    log.setBack(3_600).rename('2');
    expect(log.pass(28).alerts('v')).toEqual([]);
    expect(log.pass(16).alerts('v')).toEqual(['offline']);
    expect(log.presence.clock.logTimeMs).toBe(log.nowMs);
  });

  it('nor does what a node announces before its first lease stop them', () => {
    const log = lostVehicle();
    log.disconnected('v', 'c1', 'network_error');
    log.setBack(3_600).rename('2').connected('w', 'c2', { node: 'a2' });
    expect(log.pass(44).alerts('v')).toEqual(['offline']);
    expect(log.state('w')).toBe('online');
  });

  it('a return is known to be one within a minute', () => {
    const log = lostVehicle();
    log.disconnected('v', 'c1', 'network_error');
    log.pass(40).connected('v', 'c2', { node: 'b' });
    expect(log.setBack(3_600).pass(64).alerts('v')).toEqual([]);
  });
});

describe('before the first lease of a partition', () => {
  it('a connection is as old as its record: no silence at the first lease', () => {
    const log = FixtureLog.withoutLeases();
    log.facts = { consumedToMs: Number.POSITIVE_INFINITY, report: { completeUntilMs: Number.POSITIVE_INFINITY } };
    log.connected('v', 'c');
    expect(log.pass(880).alerts('v')).toEqual([]);
    expect(log.pass(40).alerts('v')).toEqual(['silent']);
  });

  it('a loss has its whole grace', () => {
    const log = FixtureLog.withoutLeases();
    log.connected('v', 'c');
    log.disconnected('v', 'c', 'network_error');
    expect(log.pass(26).alerts('v')).toEqual([]);
    expect(log.pass(10).alerts('v')).toEqual(['offline']);
  });
});
