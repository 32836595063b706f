import type { PolicySettings } from '@milepost/contracts';
import { describe, expect, test } from 'vitest';
import { FixtureLog } from '../log.fixture.js';
import { PolicyBook } from '../policy/policy-book.js';
import type { PolicyChange } from '../policy/policy-change.js';

/** A vehicle that was there and is lost, and policies that change on the way. */
class Told {
  readonly log = new FixtureLog();
  #book = PolicyBook.empty;

  constructor(settings: PolicySettings = {}) {
    this.policy(settings);
    this.log.connected('v', 'c1');
    this.log.pass(10);
  }

  change(change: PolicyChange): void {
    this.#book = this.#book.with([{ id: this.#book.version + 1, change }]);
    this.log.usePolicies(this.#book);
  }

  policy(settings: PolicySettings): void {
    this.change({ kind: 'policy', organisationId: 1, scope: 'organisation', priority: 0, settings });
  }

  mute(seconds: number | null, removed = false): void {
    const untilMs = seconds === null ? null : this.log.nowMs + seconds * 1_000;
    this.change({ kind: 'mute', id: 'm1', organisationId: 1, scope: 'vehicle', vehicle: 1, fromMs: 0, untilMs, removed });
  }

  lose(): this {
    this.log.disconnected('v', 'c1', 'network_error');
    return this;
  }

  /** What was told, with how many seconds after the log began. */
  get told(): string[] {
    return this.log.of('tell_alert').map(({ type, again }) => `${type}${again ? ' again' : ''}`);
  }
}

describe('an alert', () => {
  test('is told when it opens, once', () => {
    const world = new Told().lose();
    world.log.pass(24 * 3_600);
    expect(world.told).toEqual(['offline']);
  });

  test('is not told before the outage has lasted as long as the policy wants, and never when it is over by then', () => {
    const world = new Told({ minimumOutageSeconds: 300 }).lose();
    world.log.pass(290);
    expect(world.log.alerts('v')).toEqual(['offline']);
    expect(world.told).toEqual([]);
    world.log.pass(20);
    expect(world.told).toEqual(['offline']);

    const short = new Told({ minimumOutageSeconds: 300 }).lose();
    short.log.pass(200);
    short.log.connected('v', 'c2');
    short.log.pass(600);
    expect(short.log.alerts('v')).toEqual([]);
    expect(short.told).toEqual([]);
  });

  test('that an open incident speaks for is told when the incident is over', () => {
    const world = new Told({ minimumOutageSeconds: 300 }).lose();
    world.log.pass(200);
    world.log.facts = { ...world.log.facts, spokenFor: true };
    world.log.pass(600);
    expect(world.told).toEqual([]);
    world.log.facts = { ...world.log.facts, spokenFor: false };
    world.log.pass(10);
    expect(world.told).toEqual(['offline']);
  });

  test('does not open before every partition is read to where a longer grace ends, though it was held at the end of the shorter one', () => {
    const world = new Told().lose();
    world.log.facts = { ...world.log.facts, consumedToMs: world.log.nowMs };
    world.log.pass(40);
    world.policy({ graceSeconds: 300 });
    world.log.facts = { ...world.log.facts, consumedToMs: world.log.nowMs };
    world.log.pass(300);
    expect(world.log.alerts('v')).toEqual([]);
    world.log.facts = { ...world.log.facts, consumedToMs: world.log.nowMs };
    world.log.pass(10);
    expect(world.told).toEqual(['offline']);
  });

  test('is told again as often as the policy says, while it is open', () => {
    const world = new Told({ renotifySeconds: 600 }).lose();
    world.log.pass(40 + 1_810);
    expect(world.told).toEqual(['offline', 'offline again', 'offline again', 'offline again']);
    world.log.connected('v', 'c2');
    world.log.pass(3_600);
    expect(world.told).toHaveLength(4);
  });

  test('is not told while it is muted, but when the mute ends', () => {
    const world = new Told();
    world.mute(600);
    world.lose().log.pass(580);
    expect(world.log.alerts('v')).toEqual(['offline']);
    expect(world.told).toEqual([]);
    world.log.pass(30);
    expect(world.told).toEqual(['offline']);
  });

  test('is told soon after a mute without an end is taken away', () => {
    const world = new Told();
    world.mute(null);
    world.lose().log.pass(3_600);
    expect(world.told).toEqual([]);
    world.mute(null, true);
    world.log.pass(2);
    expect(world.told).toEqual(['offline']);
  });

  test('is not told again while it is muted, and again afterwards', () => {
    const world = new Told({ renotifySeconds: 60 }).lose();
    world.log.pass(40);
    world.mute(600);
    world.log.pass(590);
    expect(world.told).toEqual(['offline']);
    world.log.pass(20);
    expect(world.told).toEqual(['offline', 'offline again']);
  });

  test('keeps what it waits for when the process is replaced', () => {
    const world = new Told({ minimumOutageSeconds: 300, renotifySeconds: 600 }).lose();
    world.log.pass(100).reload().pass(220).reload().pass(610);
    expect(world.told).toEqual(['offline', 'offline again']);
  });
});

describe('a policy that changes', () => {
  test('holds for who is suspect already', () => {
    const longer = new Told().lose();
    longer.log.pass(10);
    longer.policy({ graceSeconds: 120 });
    longer.log.pass(100);
    expect(longer.log.state('v')).toBe('suspect');
    longer.log.pass(20);
    expect(longer.log.state('v')).toBe('offline');

    const shorter = new Told({ graceSeconds: 600 }).lose();
    shorter.log.pass(20);
    shorter.policy({ graceSeconds: 10 });
    shorter.log.pass(4);
    expect(shorter.log.state('v')).toBe('offline');

    const unjudged = new Told().lose();
    unjudged.policy({ requiresWill: true });
    expect(unjudged.log.pass(600).state('v')).toBe('parked');
  });

  test('holds for the silence of who is connected already', () => {
    const world = new Told({ silentAfterSeconds: 86_400 });
    world.log.facts = { consumedToMs: Number.POSITIVE_INFINITY, report: { completeUntilMs: Number.POSITIVE_INFINITY } };
    world.log.pass(600);
    world.policy({ silentAfterSeconds: 300 });
    world.log.pass(4);
    expect(world.log.alerts('v')).toEqual(['silent']);
  });

  test('does not close what is open', () => {
    const world = new Told().lose();
    world.log.pass(60);
    world.policy({ requiresWill: true, graceSeconds: 86_400 });
    world.log.pass(60);
    expect(world.log.alerts('v')).toEqual(['offline']);
  });

  test('changes nothing that is stored where it says what was said before', () => {
    const world = new Told({ graceSeconds: 60 }).lose();
    world.log.presence.takeChanges();
    world.policy({ graceSeconds: 60, renotifySeconds: 60 });
    expect(world.log.presence.takeChanges().vehicles).toEqual([]);
  });
});

describe('a dead zone', () => {
  test('is given the longer grace of the policy, once', () => {
    const world = new Told({ deadZoneGraceSeconds: 600 });
    world.log.facts = { ...world.log.facts, deadZone: true };
    world.lose().log.pass(590);
    expect(world.log.state('v')).toBe('suspect');
    world.log.pass(20);
    expect(world.log.alerts('v')).toEqual(['offline']);
  });

  test('is no excuse for a vehicle whose broker went away', () => {
    const world = new Told({ deadZoneGraceSeconds: 600, nodeGraceSeconds: 60 });
    world.log.facts = { ...world.log.facts, deadZone: true };
    world.log.disconnected('v', 'c1', 'server_shutdown');
    expect(world.log.pass(70).state('v')).toBe('offline');
  });
});
