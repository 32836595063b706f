import { describe, expect, it } from 'vitest';
import { FixtureLog } from './log.fixture.js';

describe('a vehicle that keeps being closed for the same fault', () => {
  const faulty = (times: number, everySeconds = 40) => {
    const log = new FixtureLog();
    for (let time = 0; time < times; time += 1) {
      log.connected('v', `c${time}`);
      log.pass(4).disconnected('v', `c${time}`, 'protocol_error');
      if (time < times - 1) log.pass(everySeconds);
    }
    return log;
  };

  it('is misconfigured, told of once, and no longer an offline one that flaps', () => {
    const log = faulty(10);
    const types = log.of('open_alert').map(({ type }) => type);
    expect(types.filter((type) => type === 'misconfigured')).toHaveLength(1);
    expect(types.lastIndexOf('offline')).toBeLessThan(types.indexOf('misconfigured'));
    expect(log.pass(60).alerts('v')).toEqual(['misconfigured']);
    expect(log.state('v')).toBe('offline');
  });

  it('is not misconfigured when the faults are far apart or differ', () => {
    expect(
      faulty(10, 200)
        .of('open_alert')
        .map(({ type }) => type),
    ).not.toContain('misconfigured');
    const log = new FixtureLog();
    for (let time = 0; time < 8; time += 1) {
      log.connected('v', `c${time}`);
      log.pass(4).disconnected('v', `c${time}`, time % 2 === 0 ? 'protocol_error' : 'refused_publish');
    }
    expect(log.alerts('v')).toEqual([]);
  });

  it('is mended after ten minutes without the fault', () => {
    const log = faulty(5, 10);
    log.connected('v', 'good');
    expect(log.pass(590).alerts('v')).toEqual(['misconfigured']);
    expect(log.pass(20).alerts('v')).toEqual([]);
  });

  it('is offline like any other when it stays away after that', () => {
    const log = faulty(5, 10);
    expect(log.pass(590).alerts('v')).toEqual(['misconfigured']);
    expect(log.pass(20).alerts('v')).toEqual(['offline']);
  });

  it('is offline like any other also where it tried to come back at that moment, and did not', () => {
    const log = faulty(5, 10);
    expect(log.pass(598).alerts('v')).toEqual(['misconfigured']);
    log.nowMs += 1_500;
    log.connected('v', 'try');
    // The clock reaches the end before the connection is proved.
    log.pass(0.5);
    expect(log.alerts('v')).toEqual([]);
    log.disconnected('v', 'try', 'not_established');
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
  });
});

describe('two clients with one identity', () => {
  it('are one alert with both addresses, over when it has been quiet', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { address: '192.0.2.1' });
    log.refused('v', '192.0.2.2');
    log.pass(10).refused('v', '192.0.2.2');
    expect(log.of('open_alert')).toMatchObject([{ type: 'identity_conflict', addresses: ['192.0.2.1', '192.0.2.2'] }]);
    expect(log.pass(590).alerts('v')).toEqual(['identity_conflict']);
    expect(log.pass(20).alerts('v')).toEqual([]);
  });

  it('adds the address of a third', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { address: '192.0.2.1' });
    log.refused('v', '192.0.2.2');
    log.refused('v', '192.0.2.3');
    expect(log.of('annotate_alert')).toMatchObject([{ addresses: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }]);
  });

  it('of which nothing was ever connected are nobody of ours', () => {
    const log = new FixtureLog();
    log.refused('stranger', '192.0.2.2');
    expect(log.effects).toEqual([]);
  });
});

describe('silence', () => {
  const connected = (policy = {}) => {
    const log = new FixtureLog(policy);
    log.connected('v', 'c1');
    return log;
  };
  const complete = Number.POSITIVE_INFINITY;

  it('is told when nothing was reported for longer than the policy says', () => {
    const log = connected();
    log.facts = { consumedToMs: complete, report: { completeUntilMs: complete } };
    expect(log.pass(890).alerts('v')).toEqual([]);
    expect(log.pass(30).alerts('v')).toEqual(['silent']);
  });

  it('is counted from the newest report', () => {
    const log = connected();
    log.pass(600);
    log.facts = { consumedToMs: complete, report: { reportAtMs: log.nowMs, completeUntilMs: complete } };
    expect(log.pass(880).alerts('v')).toEqual([]);
    expect(log.pass(60).alerts('v')).toEqual(['silent']);
  });

  it('is judged only up to what ingest has stored', () => {
    const log = connected();
    log.facts = { consumedToMs: complete, report: { completeUntilMs: log.nowMs + 600_000 } };
    expect(log.pass(3_600).alerts('v')).toEqual([]);
    log.facts = { consumedToMs: complete, report: {} };
    expect(log.pass(3_600).alerts('v')).toEqual([]);
  });

  it('does not count an outage of Kafka', () => {
    const log = connected();
    log.pass(100);
    log.facts = { consumedToMs: complete, report: { reportAtMs: log.nowMs, completeUntilMs: complete } };
    log.stall(3_600);
    expect(log.pass(760).alerts('v')).toEqual([]);
  });

  it('ends with a report, and with the connection', () => {
    const log = connected();
    log.facts = { consumedToMs: complete, report: { completeUntilMs: complete } };
    log.pass(1_000);
    log.facts = { consumedToMs: complete, report: { reportAtMs: log.nowMs, completeUntilMs: complete } };
    expect(log.pass(40).alerts('v')).toEqual([]);
    expect(log.pass(1_000).alerts('v')).toEqual(['silent']);
    log.disconnected('v', 'c1', 'client_disconnect');
    expect(log.alerts('v')).toEqual([]);
  });
});

describe('the storm guard', () => {
  it('holds a due deadline until every partition is consumed to the log time at which it fell due', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1');
    log.pass(10).disconnected('v', 'c1', 'network_error');
    log.facts = { consumedToMs: log.nowMs, report: {} };
    log.pass(60);
    expect(log.state('v')).toBe('suspect');
    log.facts = { consumedToMs: log.nowMs - 20_000, report: {} };
    expect(log.pass(2).alerts('v')).toEqual(['offline']);
  });

  it('makes a vehicle a member instead, and gives it an alert when its incident closes', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1');
    log.pass(10).disconnected('v', 'c1', 'network_error');
    log.facts = { ...log.facts, incidentId: 'i1' };
    log.pass(60);
    expect(log.state('v')).toBe('offline');
    expect(log.alerts('v')).toEqual([]);
    expect(log.presence.incidents()).toEqual(['i1']);
    expect(log.presence.closeIncident('i1')).toMatchObject([
      { kind: 'open_alert', type: 'offline', incidentId: 'i1' },
      { kind: 'tell_alert' },
    ]);
    expect(log.presence.incidents()).toEqual([]);
  });

  it('says nothing of a member that came back', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1');
    log.pass(10).disconnected('v', 'c1', 'network_error');
    log.facts = { ...log.facts, incidentId: 'i1' };
    log.pass(60).connected('v', 'c2');
    expect(log.pass(10).effects).toEqual([]);
    expect(log.presence.closeIncident('i1')).toEqual([]);
  });
});
