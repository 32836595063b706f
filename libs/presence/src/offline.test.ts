import type { DisconnectCause } from '@milepost/contracts';
import { describe, expect, it } from 'vitest';
import { FixtureLog } from './log.fixture.js';

const will = { topic: 'fleet/v/status', payloadBase64: 'Z29uZQ==', qos: 1, retain: true, delaySeconds: 0 };

/** A vehicle that has been online for a while. */
function online(log = new FixtureLog()): FixtureLog {
  log.connected('v', 'c1');
  return log.pass(10);
}

describe('a lost vehicle', () => {
  it('is suspect at once, and offline with one alert when its grace is over', () => {
    const log = online();
    log.disconnected('v', 'c1', 'network_error');
    expect(log.state('v')).toBe('suspect');
    log.pass(28);
    expect(log.alerts('v')).toEqual([]);
    log.pass(4);
    expect(log.state('v')).toBe('offline');
    expect(log.alerts('v')).toEqual(['offline']);
    log.pass(600);
    expect(log.of('open_alert')).toHaveLength(1);
    expect(log.of('open_alert')[0]).toMatchObject({ cause: 'network_error', severity: 'critical' });
  });

  it('that comes back within its grace never alerts', () => {
    const log = online();
    log.disconnected('v', 'c1', 'keepalive_timeout');
    log.pass(26).connected('v', 'c2');
    log.pass(120);
    expect(log.state('v')).toBe('online');
    expect(log.effects).toEqual([]);
  });

  it('resolves its alert with the length of the outage in log time when it comes back', () => {
    const log = online();
    log.disconnected('v', 'c1', 'network_error');
    log.pass(100).connected('v', 'c2');
    expect(log.state('v')).toBe('online');
    log.pass(4);
    expect(log.alerts('v')).toEqual([]);
    expect(log.of('resolve_alert')[0]).toMatchObject({ type: 'offline', outageSeconds: 100 });
  });

  it('is told of again when it is lost again', () => {
    const log = online();
    log.disconnected('v', 'c1', 'network_error');
    log.pass(40).connected('v', 'c2');
    log.pass(10).disconnected('v', 'c2', 'network_error');
    log.pass(40);
    expect(log.of('open_alert')).toHaveLength(2);
    expect(log.of('resolve_alert')).toHaveLength(1);
  });
});

describe('the cause decides', () => {
  it('client_disconnect parks the vehicle without an alert', () => {
    const log = online();
    log.disconnected('v', 'c1', 'client_disconnect');
    expect(log.pass(3_600).state('v')).toBe('parked');
    expect(log.effects).toEqual([]);
  });

  it('client_disconnect alerts where a policy says so', () => {
    const log = online(new FixtureLog({ alertOnCleanDisconnect: true }));
    log.disconnected('v', 'c1', 'client_disconnect');
    expect(log.pass(40).alerts('v')).toEqual(['offline']);
  });

  it.each<DisconnectCause>(['revoked', 'certificate_expired'])('%s alerts at once, whatever the other partitions do', (cause) => {
    const log = online();
    log.facts = { report: {} };
    log.disconnected('v', 'c1', cause);
    log.judge();
    expect(log.alerts('v')).toEqual(['offline']);
    expect(log.of('open_alert')).toMatchObject([{ cause }]);
  });

  it.each<DisconnectCause>(['server_shutdown', 'node_lost'])('%s gives 150 s', (cause) => {
    const log = online();
    log.disconnected('v', 'c1', cause);
    expect(log.pass(148).alerts('v')).toEqual([]);
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
    expect(log.of('open_alert')).toMatchObject([{ cause }]);
  });

  it.each<DisconnectCause>(['client_disconnect_with_will', 'keepalive_timeout', 'network_error', 'protocol_error', 'refused_publish'])(
    '%s gives the grace of the policy',
    (cause) => {
      const log = online();
      log.disconnected('v', 'c1', cause);
      expect(log.pass(28).alerts('v')).toEqual([]);
      expect(log.pass(4).alerts('v')).toEqual(['offline']);
      expect(log.of('open_alert')).toMatchObject([{ cause }]);
    },
  );

  it('taken_over says nothing: the vehicle is where the newer connection is', () => {
    const log = online();
    log.connected('v', 'c2');
    log.disconnected('v', 'c1', 'taken_over');
    expect(log.pass(600).state('v')).toBe('online');
    expect(log.effects).toEqual([]);
  });
});

describe('wills', () => {
  it('a Will Delay longer than the grace is the grace', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { will: { ...will, delaySeconds: 90 } });
    log.pass(10).disconnected('v', 'c1', 'network_error');
    expect(log.pass(88).alerts('v')).toEqual([]);
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
  });

  it('a Will Delay that outlasts the session counts as long as that: so long the broker keeps the will back', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { sessionExpirySeconds: 90, will: { ...will, delaySeconds: 0xffff_ffff } });
    log.pass(10).disconnected('v', 'c1', 'network_error');
    expect(log.pass(88).alerts('v')).toEqual([]);
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
  });

  it('a Will Delay ends with the session of a vehicle that left and said so', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { will: { ...will, delaySeconds: 600 } });
    log.pass(10).disconnected('v', 'c1', 'client_disconnect_with_will', 'a', { sessionExpirySeconds: 60 });
    expect(log.pass(58).alerts('v')).toEqual([]);
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
  });

  it('a Will Delay lasts as long as the broker says of a vehicle that left and prolonged its session', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { sessionExpirySeconds: 60, will: { ...will, delaySeconds: 600 } });
    log.pass(10).disconnected('v', 'c1', 'client_disconnect_with_will', 'a', { sessionExpirySeconds: 300, willDelaySeconds: 300 });
    expect(log.pass(298).alerts('v')).toEqual([]);
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
  });

  it('an announced will stands on the alert, with when it was published', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { will });
    log.pass(10).disconnected('v', 'c1', 'network_error');
    const publishedAtMs = log.nowMs;
    log.will('v', 'c1');
    log.pass(40);
    expect(log.of('open_alert')[0]?.will).toMatchObject({ topic: 'fleet/v/status', publishedAtMs });
  });

  it('a will that is published after the alert is added to it', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { will });
    log.pass(10).disconnected('v', 'c1', 'network_error');
    log.pass(40).will('v', 'c1');
    expect(log.of('annotate_alert')[0]).toMatchObject({ type: 'offline', will: { publishedAtMs: log.nowMs } });
  });

  it('a very long will is cut, for it waits with every connection', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { will: { ...will, payloadBase64: Buffer.alloc(100_000).toString('base64') } });
    log.pass(10).disconnected('v', 'c1', 'network_error');
    const kept = log.pass(40).of('open_alert')[0]?.will?.payloadBase64 ?? '';
    expect(kept).toHaveLength(8_192);
    expect(Buffer.from(kept, 'base64')).toHaveLength(6_144);
  });

  it('a late will after a reconnect harms nobody', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1', { will });
    log.pass(10).disconnected('v', 'c1', 'network_error');
    log.connected('v', 'c2', { will });
    log.will('v', 'c1');
    expect(log.pass(600).state('v')).toBe('online');
    expect(log.effects).toEqual([]);
  });

  it('a vehicle without a will is judged by its connection, or not at all where the policy requires one', () => {
    const judged = online();
    judged.disconnected('v', 'c1', 'network_error');
    expect(judged.pass(40).alerts('v')).toEqual(['offline']);
    const spared = online(new FixtureLog({ requiresWill: true }));
    spared.disconnected('v', 'c1', 'network_error');
    expect(spared.pass(600).alerts('v')).toEqual([]);
  });

  it('an announced will counts even though its node died', () => {
    const log = new FixtureLog({}, ['a', 'b']);
    log.connected('v', 'c1', { will: { ...will, delaySeconds: 300 } });
    log.pass(10);
    log.node('a').silent = true;
    log.pass(200);
    expect(log.state('v')).toBe('suspect');
    expect(log.pass(160).of('open_alert')[0]).toMatchObject({ cause: 'node_lost', will: { topic: 'fleet/v/status' } });
  });
});

describe('losses of contact', () => {
  it('are told with their ends, shorter ones than a grace too, and once however often they are repeated', () => {
    const log = new FixtureLog();
    log.connected('v', 'c1');
    log.pass(10);
    const lostAtMs = log.nowMs;
    const end = log.disconnected('v', 'c1', 'keepalive_timeout');
    log.append(end);
    log.pass(10);
    const backAtMs = log.nowMs;
    log.connected('v', 'c2');
    log.pass(10);
    expect(log.losses).toMatchObject([
      { kind: 'lose_contact', vehicleId: 'v', cause: 'keepalive_timeout', atMs: lostAtMs },
      { kind: 'regain_contact', vehicleId: 'v', lostAtMs, atMs: backAtMs },
    ]);
  });

  it('say nothing of a place where the broker went away, somebody put the vehicle out or closed it for what it sent, or it left', () => {
    const elsewhere = [
      'server_shutdown',
      'revoked',
      'certificate_expired',
      'client_disconnect',
      'protocol_error',
      'refused_publish',
    ] as const;
    for (const cause of elsewhere) {
      const log = new FixtureLog({ alertOnCleanDisconnect: true });
      log.connected('v', 'c1');
      log.pass(10);
      log.disconnected('v', 'c1', cause);
      log.pass(10);
      log.connected('v', 'c2');
      log.pass(10);
      expect(log.losses, cause).toEqual([]);
    }
  });
});

describe('a connection that was not established', () => {
  it('leaves a vehicle offline, and its alert open', () => {
    const log = online();
    log.disconnected('v', 'c1', 'network_error');
    log.pass(60).connected('v', 'c2');
    log.disconnected('v', 'c2', 'not_established');
    expect(log.pass(600).state('v')).toBe('offline');
    expect(log.alerts('v')).toEqual(['offline']);
    expect(log.effects.map(({ kind }) => kind)).toEqual(['open_alert', 'tell_alert']);
  });

  it('leaves a parked vehicle parked', () => {
    const log = online();
    log.disconnected('v', 'c1', 'client_disconnect');
    log.pass(60).connected('v', 'c2');
    log.disconnected('v', 'c2', 'not_established');
    expect(log.pass(600).state('v')).toBe('parked');
    expect(log.effects).toEqual([]);
  });

  it('leaves a suspect its deadline', () => {
    const log = online();
    log.disconnected('v', 'c1', 'network_error');
    log.pass(20).connected('v', 'c2');
    log.disconnected('v', 'c2', 'not_established');
    expect(log.pass(8).alerts('v')).toEqual([]);
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
  });

  it('does not hide how an older connection ended meanwhile', () => {
    const log = online();
    log.connected('v', 'c2');
    log.disconnected('v', 'c1', 'network_error');
    log.disconnected('v', 'c2', 'not_established');
    expect(log.state('v')).toBe('suspect');
    expect(log.pass(40).of('open_alert')[0]).toMatchObject({ cause: 'network_error' });
  });

  it('does not make a vehicle safe that it took over and then lost', () => {
    const log = online();
    log.connected('v', 'c2');
    log.disconnected('v', 'c1', 'taken_over');
    log.disconnected('v', 'c2', 'not_established');
    expect(log.pass(40).alerts('v')).toEqual(['offline']);
  });
});
