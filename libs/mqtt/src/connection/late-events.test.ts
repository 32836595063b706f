import { describe, expect, it } from 'vitest';
import { ReasonCode } from '../packets/reason-code.js';
import { connected, connectPacket, Harness } from './harness.fixture.js';

const properties = { authenticationMethod: 'SCRAM', authenticationData: Buffer.from('1') };
const WITH_SCRAM = { authenticationMethods: ['SCRAM'] };

/** A connection whose CONNECT the broker has been given, and has not answered. */
function deciding(version: 4 | 5, options = {}, connect = {}) {
  const harness = new Harness(version, options);
  harness.send(connectPacket(version, connect));
  return harness;
}

describe.each([4, 5] as const)('what nobody waits for any more, at protocol level %i:', (version) => {
  it('an acceptance after the end is not sent, and leaves the session to others', () => {
    const harness = deciding(version);
    harness.connection.socketClosed();
    harness.accept();
    expect(harness.received()).toEqual([]);
    expect(harness.session.connected).toBe(false);
    expect(harness.ends).toHaveLength(1);
  });

  it('a second acceptance changes nothing', () => {
    const harness = connected(version);
    harness.accept();
    expect(harness.received()).toEqual([]);
    expect(harness.end).toBeUndefined();
  });

  it('a refusal after CONNACK, or before CONNECT, changes nothing', () => {
    const before = new Harness(version);
    for (const harness of [before, connected(version)]) {
      harness.connection.refuse(ReasonCode.NotAuthorized, 'too late', harness.now);
      expect([harness.received(), harness.end]).toEqual([[], undefined]);
    }
    before.send(connectPacket(version));
    expect(before.connects).toHaveLength(1);
  });

  it('the codes of a SUBSCRIBE or UNSUBSCRIBE whose connection has ended go nowhere', () => {
    const harness = connected(version);
    const subscription = { filter: 'a', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    harness.send({ type: 'subscribe', packetId: 1, subscriptions: [subscription], properties: {} });
    harness.send({ type: 'unsubscribe', packetId: 2, filters: ['a'], properties: {} });
    harness.connection.socketClosed();
    harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [0], harness.now);
    harness.connection.settleUnsubscribe(harness.unsubscribes[0]?.token ?? {}, [0], harness.now);
    expect([harness.received(), harness.ends.length]).toEqual([[], 1]);
  });

  it('a timer after the end asks for no other', () => {
    const harness = connected(version);
    harness.connection.socketClosed();
    harness.scheduledAt = Number.POSITIVE_INFINITY;
    harness.connection.timer(harness.now);
    harness.connection.readingStopped(harness.now);
    harness.connection.readingResumed(harness.now);
    expect([harness.scheduledAt, harness.ends.length]).toEqual([Number.POSITIVE_INFINITY, 1]);
  });

  it('a socket that fills before CONNACK holds nothing back', () => {
    const harness = deciding(version);
    harness.connection.setWritable(false, harness.now);
    harness.accept();
    harness.deliver({ qos: 0 });
    expect(harness.received().map(({ type }) => type)).toEqual(['connack', 'publish']);
    harness.session.end();
    expect(() => harness.session.setWritable(true, harness.now)).not.toThrow();
  });
});

describe('AUTH that nobody waits for', () => {
  it('is not sent before CONNECT, without a method, nor while the client has the turn', () => {
    const before = new Harness(5, WITH_SCRAM);
    const without = deciding(5);
    const asked = deciding(5, WITH_SCRAM, { properties });
    asked.connection.continueAuthentication(undefined, asked.now);
    expect(asked.received()).toMatchObject([{ type: 'auth' }]);
    const established = connected(5, { properties }, WITH_SCRAM);
    for (const harness of [before, without, asked, established]) {
      harness.connection.continueAuthentication(Buffer.from('2'), harness.now);
      harness.connection.reauthenticated(Buffer.from('2'));
      expect([harness.received(), harness.end]).toEqual([[], undefined]);
    }
    without.accept();
    expect(without.received()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
  });

  it('is not sent when re-authentication is over, or the connection', () => {
    const harness = connected(5, { properties }, WITH_SCRAM);
    harness.send({ type: 'auth', reasonCode: 0x19, properties });
    harness.connection.reauthenticated(undefined);
    expect(harness.received()).toMatchObject([{ type: 'auth', reasonCode: 0 }]);
    harness.connection.reauthenticated(undefined);
    harness.connection.continueAuthentication(undefined, harness.now);
    expect(harness.received()).toEqual([]);
    harness.send({ type: 'auth', reasonCode: 0x19, properties });
    harness.connection.socketClosed();
    harness.connection.reauthenticated(undefined);
    harness.connection.continueAuthentication(undefined, harness.now);
    expect([harness.received(), harness.ends.length]).toEqual([[], 1]);
  });
});
