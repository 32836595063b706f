import { expect, it } from 'vitest';
import { FixtureLog } from '../log.fixture.js';
import { defaultPolicy } from '../policy/policy.js';
import { momentOf } from './moment.js';

const clock = { writers: {}, logTimeMs: 100_000, clockMs: 40_000 };

it.each([
  ['behind the last lease', 101_500, 41_500],
  ['further behind it than a step of the clock', 109_000, 44_000],
  ['with the time of the last lease', 100_000, 40_000],
  ["before it, by another leader's clock", 99_000, 40_000],
])('a record %s has its own time by the clock, a step ahead at the most', (_, atMs, recordClockMs) => {
  expect(momentOf(clock, atMs, 7)).toEqual({ atMs, offset: 7, clockMs: 40_000, recordClockMs });
});

it('before the first lease the times of records are all there is', () => {
  expect(momentOf({ writers: {}, clockMs: 0 }, 5_000, 7)).toEqual({ atMs: 5_000, offset: 7, clockMs: 5_000, recordClockMs: 5_000 });
});

it.each([0, 500, 1_000, 1_900])('a grace is not over early because its loss came %i ms behind the last lease', (behindMs) => {
  const log = new FixtureLog();
  log.connected('v', 'c1');
  log.pass(10);
  const lostAtMs = log.nowMs + behindMs;
  log.nowMs = lostAtMs;
  log.disconnected('v', 'c1', 'network_error');
  log.nowMs -= behindMs;
  while (log.alerts('v').length === 0) log.pass(2);
  expect(log.nowMs - lostAtMs).toBeGreaterThanOrEqual(defaultPolicy.graceMs);
  expect(log.nowMs - lostAtMs).toBeLessThanOrEqual(defaultPolicy.graceMs + 2_000);
});
