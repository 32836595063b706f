import { expect, it } from 'vitest';
import { FixtureLog } from '../log.fixture.js';

const remembered = (log: FixtureLog) => log.presence.takeRemembered().map(({ vehicle, from }) => `${from} ${vehicle.presence.kind}`);

it('what may have to be explained later is remembered: states, connections, alerts, and what was told', () => {
  const log = new FixtureLog({ silentAfterMs: 60_000 });
  log.facts = { consumedToMs: Number.POSITIVE_INFINITY, report: { completeUntilMs: Number.MAX_SAFE_INTEGER } };
  log.connected('v', 'c1');
  expect(remembered(log)).toEqual(['unknown online']);
  log.connected('v', 'c2');
  expect(remembered(log)).toEqual(['online online']);
  log.disconnected('v', 'c1', 'taken_over');
  expect(remembered(log)).toEqual(['online online']);
  log.pass(70);
  expect(log.alerts('v')).toEqual(['silent']);
  expect(remembered(log)).toEqual(['online online']);
  log.disconnected('v', 'c2', 'network_error');
  expect(remembered(log)).toEqual(['online suspect']);
  log.pass(40);
  expect(remembered(log)).toEqual(['suspect offline']);
});

it('looks that find nothing, and time that proves a connection, are not: a quiet fleet writes no history', () => {
  const log = new FixtureLog({ silentAfterMs: 60_000 });
  log.connected('v', 'c1');
  remembered(log);
  const before = log.presence.vehicle('v');
  log.facts = { report: { reportAtMs: log.nowMs + 50_000 } };
  log.pass(100);
  expect(log.presence.vehicle('v')).not.toEqual(before);
  expect(remembered(log)).toEqual([]);
});
