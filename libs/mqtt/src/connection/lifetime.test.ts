import { describe, expect, it } from 'vitest';
import type { Will } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import { connected, publishPacket } from './harness.fixture.js';

const will: Will = { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: true, properties: {} };
const disconnect = (reasonCode: number, properties = {}) => ({ type: 'disconnect', reasonCode, properties }) as const;

describe.each([4, 5] as const)('the end of a connection at protocol level %i', (version) => {
  it('1.5 × keep alive without a packet ends it, not earlier [MQTT-3.1.2-22]', () => {
    const harness = connected(version, { keepAliveSeconds: 10, will });
    harness.pass(14_999);
    expect(harness.end).toBeUndefined();
    harness.pass(1);
    expect(harness.end).toMatchObject({ cause: 'keepalive_timeout', established: true, will: { kind: 'publish', delaySeconds: 0 } });
    expect(harness.received()).toMatchObject(version === 5 ? [{ type: 'disconnect', reasonCode: 0x8d }] : []);
  });

  it('any packet of the client restarts the keep alive', () => {
    const harness = connected(version, { keepAliveSeconds: 10 });
    harness.pass(14_000);
    harness.send(publishPacket({ qos: 0 }));
    harness.pass(14_999);
    expect(harness.end).toBeUndefined();
    harness.pass(1);
    expect(harness.end?.cause).toBe('keepalive_timeout');
  });

  it('packets that the broker sends do not restart it', () => {
    const harness = connected(version, { keepAliveSeconds: 10 });
    harness.pass(14_000);
    harness.deliver({ qos: 0 });
    harness.pass(1_000);
    expect(harness.end?.cause).toBe('keepalive_timeout');
  });

  it('keep alive 0 never ends it', () => {
    const harness = connected(version, { keepAliveSeconds: 0 });
    harness.pass(1e9);
    expect(harness.end).toBeUndefined();
  });

  it('a stall of the broker never counts against the keep alive: a late timer looks again', () => {
    const harness = connected(version, { keepAliveSeconds: 10 });
    const due = harness.now + 15_000;
    harness.now = due + 20_000;
    harness.scheduledAt = Number.POSITIVE_INFINITY;
    harness.connection.timer(harness.now);
    expect(harness.end).toBeUndefined();
    harness.send({ type: 'pingreq' });
    harness.pass(14_999);
    expect(harness.end).toBeUndefined();
  });

  it('after a stall, a client that has really fallen silent is ended all the same', () => {
    const harness = connected(version, { keepAliveSeconds: 10 });
    harness.now += 35_000;
    harness.scheduledAt = Number.POSITIVE_INFINITY;
    harness.connection.timer(harness.now);
    harness.pass(1_000);
    expect(harness.end?.cause).toBe('keepalive_timeout');
  });

  it('keep alive stands still while the broker does not read, and while the client is held at a limit', () => {
    const stopped = connected(version, { keepAliveSeconds: 10 });
    stopped.connection.readingStopped(stopped.now);
    stopped.pass(100_000);
    stopped.connection.readingResumed(stopped.now);
    stopped.pass(14_999);
    expect(stopped.end).toBeUndefined();
    stopped.pass(1);
    expect(stopped.end?.cause).toBe('keepalive_timeout');

    const held = connected(version, { keepAliveSeconds: 10 }, { maxUnacknowledgedBytes: 1 });
    held.send(publishPacket());
    held.pass(100_000);
    expect(held.end).toBeUndefined();
    held.settle(0);
    held.pass(15_000);
    expect(held.end?.cause).toBe('keepalive_timeout');
  });

  it('a lost connection publishes the will [MQTT-3.1.2-8]', () => {
    const harness = connected(version, { will });
    harness.connection.socketClosed('ECONNRESET');
    expect(harness.end).toMatchObject({ cause: 'network_error', detail: 'ECONNRESET', will: { kind: 'publish', will: { topic: 'w' } } });
  });

  it('a DISCONNECT that waits behind a limit of ours counts, though the socket is gone when it is read', () => {
    const harness = connected(version, { will }, { maxUnacknowledgedBytes: 1 });
    harness.send(publishPacket(), publishPacket({ packetId: 2 }), disconnect(0));
    harness.connection.socketClosed();
    expect(harness.end).toBeUndefined();
    harness.settle(0);
    harness.settle(1);
    expect(harness.ends).toMatchObject([{ cause: 'client_disconnect', will: { kind: 'none' } }]);
  });

  it('a connection lost while held ends as lost once what came before was read', () => {
    const harness = connected(version, { will }, { maxUnacknowledgedBytes: 1 });
    harness.send(publishPacket(), publishPacket({ packetId: 2 }));
    harness.connection.socketClosed('ECONNRESET');
    harness.settle(0);
    expect(harness.publishes).toHaveLength(2);
    harness.settle(1);
    expect(harness.ends).toMatchObject([{ cause: 'network_error', detail: 'ECONNRESET' }]);
  });

  it('a protocol error publishes the will [MQTT-4.13.1-1]', () => {
    const harness = connected(version, { will });
    harness.sendBytes('00');
    expect(harness.end).toMatchObject({ cause: 'protocol_error', will: { kind: 'publish' } });
    expect(harness.received()).toMatchObject(version === 5 ? [{ type: 'disconnect', reasonCode: 0x81 }] : []);
  });

  it('DISCONNECT discards the will [MQTT-3.1.2-10, MQTT-3.14.4-3]', () => {
    const harness = connected(version, { will });
    harness.send(disconnect(0));
    expect(harness.end).toMatchObject({ cause: 'client_disconnect', will: { kind: 'none' } });
    expect(harness.received()).toEqual([]);
  });

  it('what comes behind DISCONNECT is not processed [v3 MQTT-3.14.4-2]', () => {
    const harness = connected(version);
    harness.send(disconnect(0), publishPacket());
    harness.send(publishPacket());
    expect(harness.publishes).toEqual([]);
    expect(harness.ends).toHaveLength(1);
  });

  it('a take-over ends the older connection, 0x8E in 5.0, and its will is published [MQTT-3.1.4-3]', () => {
    const harness = connected(version, { will });
    harness.connection.close('taken_over', ReasonCode.SessionTakenOver, 'another connection of this client');
    expect(harness.end).toMatchObject({ cause: 'taken_over', will: { kind: 'publish' } });
    expect(harness.received()).toMatchObject(version === 5 ? [{ type: 'disconnect', reasonCode: 0x8e }] : []);
  });

  it('at our own shutdown the will is deferred; 0x8B in 5.0 and nothing after it [MQTT-3.14.4-1, v3 MQTT-3.1.2-8]', () => {
    const harness = connected(version, { will });
    harness.send(publishPacket());
    harness.connection.close('server_shutdown', ReasonCode.ServerShuttingDown, 'shutting down');
    harness.settle(0);
    harness.deliver();
    expect(harness.received()).toMatchObject(version === 5 ? [{ type: 'disconnect', reasonCode: 0x8b }] : []);
    expect(harness.end).toMatchObject({ cause: 'server_shutdown', will: { kind: 'deferred', will: { topic: 'w' } } });
  });

  it('a revoked certificate ends it and publishes the will', () => {
    const harness = connected(version, { will });
    harness.connection.close('revoked', ReasonCode.NotAuthorized, 'the certificate was revoked');
    expect(harness.end).toMatchObject({ cause: 'revoked', will: { kind: 'publish' } });
  });

  it.each(['connack', 'suback', 'unsuback', 'pingresp'] as const)('%s from a client is against the protocol', (type) => {
    const harness = connected(version);
    const rest = {
      packetId: 1,
      reasonCodes: version === 5 ? [0] : type === 'suback' ? [0] : [],
      reasonCode: 0,
      sessionPresent: false,
      properties: {},
    };
    harness.send({ type, ...rest } as never);
    expect(harness.end).toMatchObject({ cause: 'protocol_error', reasonCode: ReasonCode.ProtocolError });
  });
});

describe('what 5.0 adds to DISCONNECT', () => {
  it('0x04 publishes the will', () => {
    const harness = connected(5, { will });
    harness.send(disconnect(4));
    expect(harness.end).toMatchObject({ cause: 'client_disconnect_with_will', reasonCode: 4, will: { kind: 'publish' } });
  });

  it.each([
    [{}, 300],
    [{ sessionExpiryInterval: 0 }, 0],
    [{ sessionExpiryInterval: 10 }, 10],
    [{ sessionExpiryInterval: 10_000 }, 600],
  ])('%j leaves the session %i s, of 300 asked for in CONNECT and 600 that are allowed', (properties, sessionExpirySeconds) => {
    const harness = connected(5, { properties: { sessionExpiryInterval: 300 } }, { maxSessionExpirySeconds: 600 });
    harness.send(disconnect(0, properties));
    expect(harness.end).toMatchObject({ cause: 'client_disconnect', sessionExpirySeconds });
  });

  it('from us says why, unless the client asked for no such words', () => {
    for (const [asked, properties] of [
      [{}, { reasonString: 'shutting down' }],
      [{ requestProblemInformation: true }, { reasonString: 'shutting down' }],
      [{ requestProblemInformation: false }, {}],
    ] as const) {
      const harness = connected(5, { properties: asked });
      harness.connection.close('server_shutdown', ReasonCode.ServerShuttingDown, 'shutting down');
      expect(harness.received()).toEqual([{ type: 'disconnect', reasonCode: 0x8b, properties }]);
    }
  });

  it('a session expiry where CONNECT had none is 0x82', () => {
    const harness = connected(5);
    harness.send(disconnect(0, { sessionExpiryInterval: 10 }));
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
    expect(harness.end?.cause).toBe('protocol_error');
  });

  it('a reason code or property that only a server may send is 0x82', () => {
    for (const packet of [disconnect(0x8b), disconnect(0, { serverReference: 'x' })]) {
      const harness = connected(5);
      harness.send(packet);
      expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
    }
  });

  it('the will waits for its delay, but no longer than the session [MQTT-3.1.2-8]', () => {
    const delayed = { ...will, properties: { willDelayInterval: 30 } };
    const without = connected(5, { will: delayed });
    without.connection.socketClosed();
    expect(without.end?.will).toMatchObject({ kind: 'publish', delaySeconds: 0 });
    const longer = connected(5, { will: delayed, properties: { sessionExpiryInterval: 300 } }, { maxSessionExpirySeconds: 600 });
    longer.connection.socketClosed();
    expect(longer.end).toMatchObject({ will: { delaySeconds: 30 }, sessionExpirySeconds: 300 });
    const shorter = connected(5, { will: delayed, properties: { sessionExpiryInterval: 10 } }, { maxSessionExpirySeconds: 600 });
    shorter.connection.socketClosed();
    expect(shorter.end?.will).toMatchObject({ delaySeconds: 10 });
  });

  it('a packet above our maximum is 0x95 [MQTT-3.2.2-15]', () => {
    const harness = connected(5, {}, { maxPacketBytes: 200 });
    harness.send(publishPacket({ payload: Buffer.alloc(300) }));
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x95 }]);
  });
});
