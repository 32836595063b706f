import type { DisconnectCause } from '@milepost/contracts';
import { expect, test } from 'vitest';
import { explain } from './explain.js';
import { FixtureLog } from './log.fixture.js';
import { fixedPolicy } from './policy/policies.js';
import { defaultPolicy, type PresencePolicy } from './policy/policy.js';

const codes = (log: FixtureLog, policy: Partial<PresencePolicy> = {}) => {
  const vehicle = log.presence.vehicle('v');
  if (vehicle === undefined) throw new Error('v is not known');
  return explain(vehicle, log.presence.clock, fixedPolicy({ ...defaultPolicy, ...policy })).map(({ code }) => code);
};
const lost = (cause: DisconnectCause, policy: Partial<PresencePolicy> = {}, seconds = 0) => {
  const log = new FixtureLog(policy);
  log.connected('v', 'c1');
  log.pass(10);
  log.disconnected('v', 'c1', cause);
  return log.pass(seconds);
};

test('says of each state why it is one', () => {
  const online = new FixtureLog();
  online.connected('v', 'c1');
  expect(codes(online)).toEqual(['connected', 'connection_unproved']);
  expect(codes(online.pass(10))).toEqual(['connected']);
  expect(codes(lost('client_disconnect'))).toEqual(['parked_clean_disconnect']);
  expect(codes(lost('network_error', { requiresWill: true }))).toEqual(['parked_not_judged']);
  const willed = { requiresWill: true, alertOnCleanDisconnect: true };
  expect(codes(lost('client_disconnect', willed), willed)).toEqual(['parked_not_judged']);
  expect(codes(lost('network_error'))).toEqual(['contact_lost', 'grace_runs']);
  expect(codes(lost('network_error', {}, 60))).toEqual(['contact_lost', 'alert_open', 'told']);
});

test('says why an alert that is open was not told', () => {
  expect(codes(lost('network_error', { minimumOutageMs: 600_000 }, 60), { minimumOutageMs: 600_000 })).toEqual([
    'contact_lost',
    'alert_open',
    'not_told_yet',
  ]);
});

test('does not put down to the policy what an open incident withholds', () => {
  const log = lost('network_error', { minimumOutageMs: 60_000 }, 50);
  log.facts = { ...log.facts, spokenFor: true };
  expect(codes(log, { minimumOutageMs: 60_000 })).toContain('not_told_yet');
  expect(codes(log.pass(60), { minimumOutageMs: 60_000 })).toEqual(['contact_lost', 'alert_open', 'not_told_withheld']);
});

test('says that a deadline is held, and by what', () => {
  const log = lost('network_error');
  log.facts = { report: {} };
  expect(codes(log.pass(60))).toEqual(['contact_lost', 'held_for_storm_guard']);
  log.facts = { consumedToMs: Number.POSITIVE_INFINITY, incidentId: 'i1', report: {} };
  expect(codes(log.pass(4))).toEqual(['contact_lost', 'incident_member']);
});
