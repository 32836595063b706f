import { describe, expect, it } from 'vitest';
import { FixtureLog } from './log.fixture.js';

const two = () => new FixtureLog({}, ['a', 'b']);

describe('a vehicle is online while any of its connections is open', () => {
  it('and the end of one leaves the others alone', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.connected('v', 'c2', { node: 'b' });
    log.disconnected('v', 'c1', 'network_error', 'a');
    expect(log.pass(600).state('v')).toBe('online');
    expect(log.effects).toEqual([]);
  });

  it('whichever of two nodes is read first', () => {
    for (const order of ['old first', 'new first']) {
      const log = two();
      log.connected('v', 'c1', { node: 'a' });
      log.pass(10);
      if (order === 'old first') log.disconnected('v', 'c1', 'keepalive_timeout', 'a');
      log.connected('v', 'c2', { node: 'b' });
      if (order === 'new first') log.disconnected('v', 'c1', 'keepalive_timeout', 'a');
      expect(log.pass(600).state('v')).toBe('online');
      expect(log.effects).toEqual([]);
    }
  });

  it('a newer connection that left cleanly decides, when the one it replaced is closed after it', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10).connected('v', 'c2', { node: 'b' });
    log.pass(4).disconnected('v', 'c2', 'client_disconnect', 'b');
    log.pass(4).disconnected('v', 'c1', 'taken_over', 'a');
    expect(log.pass(600).state('v')).toBe('parked');
    expect(log.effects).toEqual([]);
  });

  it('a newer connection that left cleanly decides, when the node of the older one is found to be lost after it', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    log.node('a').silent = true;
    log.pass(2).connected('v', 'c2', { node: 'b' });
    log.pass(2).disconnected('v', 'c2', 'client_disconnect', 'b');
    expect(log.pass(600).state('v')).toBe('parked');
    expect(log.effects).toEqual([]);
  });

  it('an id once closed never opens again', () => {
    const log = two();
    const opened = log.connected('v', 'c1');
    log.disconnected('v', 'c1', 'client_disconnect');
    log.append(opened);
    expect(log.state('v')).toBe('parked');
    log.stall(23 * 3_600).append(opened);
    log.pass(4).append(opened);
    expect(log.state('v')).toBe('parked');
  });

  it('repeated records change nothing', () => {
    const log = two();
    const opened = log.connected('v', 'c1');
    log.append(opened);
    const ended = log.disconnected('v', 'c1', 'network_error');
    log.pass(20).append(ended);
    log.append(opened);
    expect(log.pass(8).alerts('v')).toEqual([]);
    expect(log.pass(4).alerts('v')).toEqual(['offline']);
    log.append(ended);
    expect(log.pass(600).of('open_alert')).toHaveLength(1);
  });

  it('and everything holds after the process was restarted', () => {
    const log = two();
    log.connected('v', 'c1');
    const opened = log.connected('w', 'd1');
    log.pass(10).disconnected('v', 'c1', 'network_error');
    log.disconnected('w', 'd1', 'client_disconnect');
    log.pass(20).reload().append(opened);
    expect(log.state('w')).toBe('parked');
    expect(log.pass(12).alerts('v')).toEqual(['offline']);
    log.reload().connected('v', 'c2');
    expect(log.pass(4).alerts('v')).toEqual([]);
  });
});

describe('a lost node', () => {
  it('gives its vehicles 150 s, and those with another connection keep their state', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.connected('w', 'd1', { node: 'a' });
    log.connected('w', 'd2', { node: 'b' });
    log.pass(10);
    log.node('a').silent = true;
    log.pass(12);
    expect(log.state('v')).toBe('suspect');
    expect(log.state('w')).toBe('online');
    expect(log.presence.vehicle('v')?.presence).toMatchObject({ cause: 'node_lost' });
    expect(log.pass(144).alerts('v')).toEqual([]);
    expect(log.pass(12).alerts('v')).toEqual(['offline']);
    expect(log.alerts('w')).toEqual([]);
  });

  it('that was stalled only says afterwards how a vehicle really left', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    log.node('a').silent = true;
    log.pass(20);
    expect(log.state('v')).toBe('suspect');
    log.disconnected('v', 'c1', 'client_disconnect');
    expect(log.pass(600).state('v')).toBe('parked');
    expect(log.effects).toEqual([]);
  });

  it.each([
    ['client_disconnect', 'parked', []],
    ['network_error', 'offline', ['offline']],
  ] as const)('that was stalled for longer than its grace says afterwards how a vehicle left (%s)', (cause, state, alerts) => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    log.node('a').silent = true;
    expect(log.pass(200).alerts('v')).toEqual(['offline']);
    log.disconnected('v', 'c1', cause);
    expect(log.alerts('v')).toEqual(alerts);
    expect(log.pass(600).state('v')).toBe(state);
    expect(log.of('open_alert')).toHaveLength(1);
  });

  it('that never said more than its connections is lost like any other', () => {
    const log = two();
    log.node('begins').silent = true;
    log.connected('v', 'c1', { node: 'begins' });
    expect(log.pass(20).state('v')).toBe('suspect');
    expect(log.pass(150).alerts('v')).toEqual(['offline']);
  });

  it('lost contact when it last said something', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    const lastWordMs = log.nowMs;
    log.node('a').silent = true;
    log.pass(12);
    expect(log.presence.vehicle('v')?.presence.sinceMs).toBe(lastWordMs);
  });
});

describe('epochs', () => {
  it("the first lease of a node's new epoch, and no earlier record, closes what its older epochs held", () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    log.restart('a');
    log.connected('w', 'd1', { node: 'a' });
    expect(log.state('v')).toBe('online');
    log.lease('a');
    expect(log.state('v')).toBe('suspect');
    expect(log.state('w')).toBe('online');
  });

  it('closes them too when no lease of the older epoch was ever read', () => {
    const log = new FixtureLog({}, []);
    log.connected('v', 'c1', { node: 'a' });
    log.restart('a');
    log.lease('a');
    expect(log.state('v')).toBe('suspect');
  });

  it('records of an older epoch behind that lease open nothing', () => {
    const log = two();
    const late = log.stamped('a', {
      kind: 'connected',
      vehicleId: 'v',
      organisation: 'default',
      connectionId: 'c1',
      connectedAt: '2026-01-01T00:00:00Z',
      resumed: false,
      address: '192.0.2.1',
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSeconds: 60,
      sessionExpirySeconds: 0,
      certificate: { issuer: 'CN=ca', serial: '01', notAfter: '2030-01-01T00:00:00Z' },
    });
    log.restart('a');
    log.lease('a');
    log.append(late);
    expect(log.state('v')).toBe('unknown');
  });

  it('a node that stalled and resumes its connections makes nobody suspect', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    log.node('a').silent = true;
    log.pass(20);
    log.restart('a');
    log.connected('v', 'c1-again', { node: 'a', resumed: true });
    log.node('a').silent = false;
    expect(log.pass(600).state('v')).toBe('online');
    expect(log.effects).toEqual([]);
  });

  it('a node is not lost between what it announces of a new epoch and the first lease behind that', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    log.node('a').silent = true;
    log.pass(8).restart('a');
    log.connected('v', 'c1-again', { node: 'a', resumed: true });
    // The fifth lease of the others since the last one of the node.
    log.pass(4);
    log.node('a').silent = false;
    log.lease('a');
    expect(log.pass(600).state('v')).toBe('online');
    expect(log.effects).toEqual([]);
  });

  it.each([0, 20])('a node that dies in between is lost, though it was silent for %i s before', (seconds) => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10);
    log.node('a').silent = true;
    log.pass(seconds).restart('a');
    log.connected('v', 'c1-again', { node: 'a', resumed: true });
    expect(log.pass(6).state('v')).toBe('online');
    log.pass(6);
    expect(log.state('v')).toBe('suspect');
    expect(log.presence.clock.logTimeMs).toBe(log.nowMs);
    expect(log.pass(160).alerts('v')).toEqual(['offline']);
  });

  it.each([
    ['client_disconnect', 'parked'],
    ['network_error', 'offline'],
    ['node_lost', 'suspect'],
  ] as const)('that an older epoch is over says nothing of a connection that was announced again and ended before (%s)', (cause, state) => {
    const log = two();
    const connectedAt = new Date(log.nowMs).toISOString();
    log.connected('v', 'c1', { node: 'a', connectedAt });
    log.pass(10).restart('a');
    log.connected('v', 'c1-again', { node: 'a', resumed: true, connectedAt });
    log.disconnected('v', 'c1-again', cause, 'a');
    log.lease('a');
    expect(log.pass(40).state('v')).toBe(state);
    expect(log.of('open_alert').map((alert) => alert.cause)).toEqual(state === 'offline' ? [cause] : []);
  });

  it('a resumed connection does not replace the one that the vehicle has opened elsewhere', () => {
    const log = two();
    log.connected('v', 'c1', { node: 'a' });
    log.pass(10).connected('v', 'c2', { node: 'b' });
    log.connected('v', 'c1-again', { node: 'a', resumed: true });
    log.disconnected('v', 'c1-again', 'taken_over', 'a');
    expect(
      log
        .pass(600)
        .presence.vehicle('v')
        ?.connections.map(({ id }) => id),
    ).toContain('c2');
    expect(log.state('v')).toBe('online');
  });
});
