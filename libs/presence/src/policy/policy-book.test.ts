import { describe, expect, test } from 'vitest';
import { PolicyBook } from './policy-book.js';
import type { PolicyChange } from './policy-change.js';

const truck = { vehicle: 1, organisationId: 1 };
const book = (...changes: PolicyChange[]) => PolicyBook.empty.with(changes.map((change, index) => ({ id: index + 1, change })));
const policy = (target: Partial<PolicyChange & { kind: 'policy' }>): PolicyChange => ({
  kind: 'policy',
  organisationId: 1,
  scope: 'organisation',
  priority: 0,
  settings: {},
  ...target,
});
const member = (groupId: string, vehicle = 1): PolicyChange => ({ kind: 'member', groupId, vehicle, member: true });
const mute = (more: Partial<PolicyChange & { kind: 'mute' }> = {}): PolicyChange => ({
  kind: 'mute',
  id: 'm1',
  organisationId: 1,
  scope: 'organisation',
  fromMs: 100,
  untilMs: 200,
  removed: false,
  ...more,
});

describe('the policy of a vehicle', () => {
  test('takes each value from the narrowest that says it, and knows which that was', () => {
    const { settings, sources } = book(
      { kind: 'base', settings: { graceSeconds: 10, nodeGraceSeconds: 20, silentAfterSeconds: 30 } },
      policy({ settings: { nodeGraceSeconds: 21, silentAfterSeconds: 31, severity: { silent: 'info', offline: 'info' } } }),
      policy({ scope: 'group', groupId: 'g1', settings: { silentAfterSeconds: 32, requiresWill: true, severity: { silent: 'critical' } } }),
      member('g1'),
      policy({ scope: 'vehicle', vehicle: 1, settings: { requiresWill: false } }),
    ).resolve(truck);
    expect(settings).toMatchObject({
      graceSeconds: 10,
      nodeGraceSeconds: 21,
      silentAfterSeconds: 32,
      requiresWill: false,
      severity: { silent: 'critical', offline: 'info', misconfigured: 'warning' },
    });
    expect(sources).toMatchObject({
      graceSeconds: { kind: 'configuration' },
      nodeGraceSeconds: { kind: 'organisation' },
      silentAfterSeconds: { kind: 'group', groupId: 'g1' },
      requiresWill: { kind: 'vehicle' },
      renotifySeconds: { kind: 'default' },
      'severity.silent': { kind: 'group', groupId: 'g1' },
      'severity.offline': { kind: 'organisation' },
      'severity.misconfigured': { kind: 'default' },
    });
  });

  test('tells what the configuration leaves at the default as a default', () => {
    const { sources } = book({
      kind: 'base',
      settings: { graceSeconds: 30, nodeGraceSeconds: 150, silentAfterSeconds: 60, requiresWill: false },
    }).resolve(truck);
    expect(sources).toMatchObject({
      graceSeconds: { kind: 'default' },
      nodeGraceSeconds: { kind: 'default' },
      silentAfterSeconds: { kind: 'configuration' },
      requiresWill: { kind: 'default' },
    });
  });

  test('of several groups follows the higher priority, and of equals the older group', () => {
    const groups = (first: number, second: number) =>
      book(
        policy({ scope: 'group', groupId: 'g1', priority: first, settings: { graceSeconds: 1 } }),
        policy({ scope: 'group', groupId: 'g2', priority: second, settings: { graceSeconds: 2 } }),
        member('g2'),
        member('g1'),
      ).policyOf(truck).graceMs;
    expect(groups(0, 1)).toBe(2_000);
    expect(groups(1, 0)).toBe(1_000);
    expect(groups(0, 0)).toBe(1_000);
  });

  test('is one that other organisations, groups and vehicles know nothing of', () => {
    const all = book(
      policy({ settings: { graceSeconds: 1 } }),
      policy({ scope: 'group', groupId: 'g1', settings: { graceSeconds: 2 } }),
      policy({ scope: 'vehicle', vehicle: 1, settings: { graceSeconds: 3 } }),
      member('g1', 2),
    );
    expect(all.policyOf(truck).graceMs).toBe(3_000);
    expect(all.policyOf({ vehicle: 2, organisationId: 1 }).graceMs).toBe(2_000);
    expect(all.policyOf({ vehicle: 3, organisationId: 1 }).graceMs).toBe(1_000);
    expect(all.policyOf({ vehicle: 4, organisationId: 2 }).graceMs).toBe(30_000);
  });

  test('falls back when a policy is taken away, or the vehicle out of its group', () => {
    const changes = [policy({ scope: 'group', groupId: 'g1', settings: { graceSeconds: 2 } }), member('g1')];
    expect(book(...changes, { ...member('g1'), member: false } as PolicyChange).policyOf(truck).graceMs).toBe(30_000);
    expect(book(...changes, policy({ scope: 'group', groupId: 'g1', settings: null })).policyOf(truck).graceMs).toBe(30_000);
  });

  test('is the same from the same changes, whether they come at once or one by one, or again', () => {
    const changes = [
      policy({ settings: { graceSeconds: 1 } }),
      member('g1'),
      policy({ scope: 'group', groupId: 'g1', settings: { graceSeconds: 2 } }),
    ];
    const numbered = changes.map((change, index) => ({ id: index + 1, change }));
    const oneByOne = numbered.reduce((before, change) => before.with([change]), PolicyBook.empty).with(numbered);
    expect(oneByOne.version).toBe(3);
    expect(oneByOne.resolve(truck)).toEqual(PolicyBook.empty.with(numbered).resolve(truck));
  });

  test('does not change in a book that somebody holds', () => {
    const before = book(policy({ settings: { graceSeconds: 1 } }));
    before.with([{ id: 9, change: policy({ settings: { graceSeconds: 2 } }) }]);
    expect(before.policyOf(truck).graceMs).toBe(1_000);
  });
});

describe('mutes', () => {
  const offline = { type: 'offline', openedAtMs: 50 } as const;

  test('hold from their start to their end, for whom and what they say', () => {
    const muted = book(mute());
    expect(muted.mutedUntilMs(truck, offline, 99)).toBeUndefined();
    expect(muted.mutedUntilMs(truck, offline, 100)).toBe(200);
    expect(muted.mutedUntilMs(truck, offline, 200)).toBeUndefined();
    expect(muted.mutedUntilMs({ vehicle: 1, organisationId: 2 }, offline, 100)).toBeUndefined();
    expect(book(mute({ types: ['silent'] })).mutedUntilMs(truck, offline, 100)).toBeUndefined();
    expect(book(mute({ untilMs: null })).mutedUntilMs(truck, offline, 100)).toBe(Number.POSITIVE_INFINITY);
    expect(book(mute(), mute({ removed: true })).mutedUntilMs(truck, offline, 100)).toBeUndefined();
  });

  test('of a group hold for its members', () => {
    const muted = book(mute({ scope: 'group', groupId: 'g1' }), member('g1'));
    expect(muted.mutedUntilMs(truck, offline, 100)).toBe(200);
    expect(muted.mutedUntilMs({ vehicle: 2, organisationId: 1 }, offline, 100)).toBeUndefined();
  });

  test('a snooze means one alert, not the next one of the vehicle', () => {
    const snoozed = book(mute({ scope: 'vehicle', vehicle: 1, types: ['offline'], alertOpenedAtMs: 50 }));
    expect(snoozed.mutedUntilMs(truck, offline, 100)).toBe(200);
    expect(snoozed.mutedUntilMs(truck, { type: 'offline', openedAtMs: 150 }, 160)).toBeUndefined();
  });

  test('that follow each other end together, windows among them', () => {
    const window = { from: new Date(180).toISOString(), to: new Date(300).toISOString() };
    const muted = book(mute(), mute({ id: 'm2', fromMs: 300, untilMs: 400 }), policy({ settings: { maintenanceWindows: [window] } }));
    expect(muted.mutedUntilMs(truck, offline, 150)).toBe(400);
  });
});
