import { describe, expect, it } from 'vitest';
import type { Will } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import { connected, connectPacket, Harness, publishPacket } from './harness.fixture.js';

const will: Will = { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: false, properties: {} };

describe.each([4, 5] as const)('CONNECT at protocol level %i', (version) => {
  it('CONNACK leaves when the broker accepts, no earlier [MQTT-3.1.4-5, MQTT-3.2.0-1]', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version));
    expect(harness.connects).toHaveLength(1);
    expect(harness.received()).toEqual([]);
    harness.accept();
    expect(harness.received()).toMatchObject([{ type: 'connack', sessionPresent: false, reasonCode: 0 }]);
  });

  it('packets behind CONNECT wait for CONNACK, and are then taken in order', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version), publishPacket({ packetId: 1 }), publishPacket({ packetId: 2 }), { type: 'pingreq' });
    expect(harness.publishes).toHaveLength(0);
    harness.accept();
    expect(harness.publishes.map(({ publish }) => publish.packetId)).toEqual([1, 2]);
    expect(harness.received().map((packet) => packet.type)).toEqual(['connack', 'pingresp']);
  });

  it('what a client sends before CONNACK is bounded: its socket is no longer read', () => {
    const harness = new Harness(version, { readAheadBytes: 100 });
    harness.send(connectPacket(version));
    harness.sendBytes(Buffer.alloc(99, 0xc0));
    expect(harness.reading).toBe(true);
    harness.sendBytes(Buffer.alloc(1, 0xc0));
    expect(harness.reading).toBe(false);
  });

  it('a second CONNECT closes [MQTT-3.1.0-2]', () => {
    const harness = connected(version);
    harness.send(connectPacket(version));
    expect(harness.end).toMatchObject({ cause: 'protocol_error', reasonCode: ReasonCode.ProtocolError });
    expect(harness.received().map((packet) => packet.type)).toEqual(version === 5 ? ['disconnect'] : []);
  });

  it('a connection without CONNECT in time is closed, unanswered', () => {
    const harness = new Harness(version, { connectTimeoutMs: 5_000 });
    harness.sendBytes('10');
    harness.pass(4_999);
    expect(harness.end).toBeUndefined();
    harness.pass(1);
    expect(harness.end).toMatchObject({ cause: 'not_established', reasonCode: ReasonCode.MaximumConnectTime, established: false });
    expect(harness.received()).toEqual([]);
  });

  it('the time to CONNECT does not run while the broker does not read', () => {
    const harness = new Harness(version, { connectTimeoutMs: 5_000 });
    harness.connection.readingStopped(harness.now);
    harness.pass(60_000);
    harness.connection.readingResumed(harness.now);
    harness.pass(4_999);
    expect(harness.end).toBeUndefined();
    harness.pass(1);
    expect(harness.end).toBeDefined();
  });

  it('at our own shutdown, or when it is taken over, a connection before CONNACK is told to try another time, and one before CONNECT nothing', () => {
    for (const reasonCode of [ReasonCode.ServerShuttingDown, ReasonCode.SessionTakenOver]) {
      const harness = new Harness(version);
      harness.send(connectPacket(version));
      harness.connection.close('server_shutdown', reasonCode, 'not now');
      expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: version === 5 ? ReasonCode.ServerUnavailable : 3 }]);
      expect(harness.ends).toMatchObject([{ cause: 'not_established', reasonCode: ReasonCode.ServerUnavailable }]);
    }
    const silent = new Harness(version);
    silent.connection.close('server_shutdown', ReasonCode.ServerShuttingDown, 'not now');
    expect(silent.received()).toEqual([]);
    expect(silent.ends).toMatchObject([{ cause: 'not_established', reasonCode: ReasonCode.ServerShuttingDown }]);
  });

  it('whoever is sent away by its operator before CONNACK is told that it is not authorised: 0x98 is none of its codes', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version));
    harness.connection.close('revoked', ReasonCode.AdministrativeAction, 'the user was removed');
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: version === 5 ? ReasonCode.NotAuthorized : 5 }]);
  });

  it('a connection that ends before CONNACK was not established, and has no will: what came behind CONNECT is not waited for', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { will }), publishPacket());
    harness.connection.socketClosed();
    expect(harness.end).toMatchObject({ cause: 'not_established', established: false, will: { kind: 'none' } });
  });

  it('answers that come after the end are ignored', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version));
    harness.connection.socketClosed();
    harness.accept();
    harness.connection.refuse(ReasonCode.NotAuthorized, 'no', harness.now);
    harness.connection.close('taken_over', ReasonCode.SessionTakenOver, 'x');
    expect(harness.received()).toEqual([]);
    expect(harness.ends).toHaveLength(1);
  });

  it('a refused CONNECT has session present 0, and nothing follows it [MQTT-3.1.4-2, MQTT-3.1.4-6, MQTT-3.2.2-6, MQTT-3.2.2-7]', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version), { type: 'pingreq' });
    harness.connection.refuse(ReasonCode.NotAuthorized, 'the will is not authorised', harness.now);
    expect(harness.received()).toMatchObject([{ type: 'connack', sessionPresent: false, reasonCode: version === 5 ? 0x87 : 5 }]);
    expect(harness.end).toMatchObject({ cause: 'not_established', reasonCode: ReasonCode.NotAuthorized });
  });

  it('session present is 0 after clean session 0 too: sessions end with their connection', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { cleanStart: false }));
    harness.accept();
    expect(harness.received()).toMatchObject([{ sessionPresent: false }]);
  });

  it('session present is 0 on a clean start, whatever the broker kept [MQTT-3.2.2-2]', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { cleanStart: true }));
    harness.accept({ clientId: 'truck-1', sessionPresent: true });
    expect(harness.received()).toMatchObject([{ sessionPresent: false }]);
  });
});

describe('3.1.1 return codes', () => {
  it.each([
    [ReasonCode.ClientIdentifierNotValid, 2],
    [ReasonCode.ServerUnavailable, 3],
    [ReasonCode.QuotaExceeded, 3],
    [ReasonCode.BadUserNameOrPassword, 4],
    [ReasonCode.NotAuthorized, 5],
  ])('%i is told as %i', (reasonCode, returnCode) => {
    const harness = new Harness(4);
    harness.send(connectPacket(4));
    harness.connection.refuse(reasonCode, 'refused', harness.now);
    expect(harness.received()).toEqual([{ type: 'connack', sessionPresent: false, reasonCode: returnCode, properties: {} }]);
  });

  it('an unknown level is 0x01 [v3 MQTT-3.1.2-2]', () => {
    const harness = new Harness(4);
    harness.sendBytes('10 0c 0004 4d515454 03 02 0000 0000');
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 1 }]);
    expect(harness.end).toMatchObject({ cause: 'not_established', reasonCode: ReasonCode.UnsupportedProtocolVersion });
  });

  it.each(['83', '84'])('level 0x%s, a bridge of that version without its highest bit, is 0x01 as well [v3 MQTT-3.1.2-2]', (level) => {
    const harness = new Harness(4);
    harness.sendBytes(`10 0c 0004 4d515454 ${level} 02 0000 0000`);
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 1 }]);
    expect(harness.end).toMatchObject({ cause: 'not_established', reasonCode: ReasonCode.UnsupportedProtocolVersion });
  });

  it('an empty client id with clean session 0 is 0x02 [v3 MQTT-3.1.3-7, v3 MQTT-3.1.3-8]', () => {
    const harness = new Harness(4);
    harness.send(connectPacket(4, { clientId: '', cleanStart: false }));
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 2 }]);
    expect(harness.connects).toEqual([]);
  });

  it('a malformed CONNECT is closed without CONNACK [v3 MQTT-3.1.4-1]', () => {
    const harness = new Harness(4);
    harness.sendBytes('10 0c 0004 4d515454 04 03 0000 0000');
    expect(harness.received()).toEqual([]);
    expect(harness.end).toMatchObject({ cause: 'not_established', reasonCode: ReasonCode.MalformedPacket });
  });
});

describe('CONNACK of 5.0', () => {
  it('an unknown level is 0x84 [MQTT-3.1.2-2]', () => {
    const harness = new Harness(5);
    harness.sendBytes('10 0d 0004 4d515454 06 02 0000 00 0000');
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x84 }]);
  });

  it('a malformed CONNECT gets CONNACK with its code [MQTT-3.1.4-1, MQTT-3.14.0-1, MQTT-4.13.1-1]', () => {
    const harness = new Harness(5);
    harness.sendBytes('10 10 0004 4d515454 05 02 0000 03 210000 0000');
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x82 }]);
    expect(harness.end?.cause).toBe('not_established');
  });

  it('announces each limit that differs from the default, and what is not available', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5));
    harness.accept();
    expect(harness.received()).toEqual([
      {
        type: 'connack',
        sessionPresent: false,
        reasonCode: 0,
        properties: {
          receiveMaximum: 32,
          maximumPacketSize: 524_288,
          topicAliasMaximum: 10,
          subscriptionIdentifierAvailable: false,
          sharedSubscriptionAvailable: false,
        },
      },
    ]);
  });

  it('announces nothing that equals the default', () => {
    const harness = new Harness(5, {
      receiveMaximum: 65_535,
      topicAliasMaximum: 0,
      sharedSubscriptionsAvailable: true,
      subscriptionIdentifiersAvailable: true,
    });
    harness.send(connectPacket(5));
    harness.accept();
    expect(harness.received()).toEqual([expect.objectContaining({ properties: { maximumPacketSize: 524_288 } })]);
  });

  it('an assigned client identifier is returned to a client that sent none [MQTT-3.1.3-7]', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { clientId: '' }));
    harness.accept({ clientId: 'truck-7' });
    expect(harness.received()).toMatchObject([{ properties: { assignedClientIdentifier: 'truck-7' } }]);
  });

  it('a session expiry that was asked for is answered with 0 while sessions end with the connection', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { properties: { sessionExpiryInterval: 3600 } }));
    harness.accept();
    expect(harness.received()).toMatchObject([{ properties: { sessionExpiryInterval: 0 } }]);
  });

  it('a keep alive above the maximum is lowered and told, 0 stays', () => {
    for (const [asked, told] of [
      [300, 60],
      [60, undefined],
      [0, undefined],
    ] as const) {
      const harness = new Harness(5, { maxKeepAliveSeconds: 60 });
      harness.send(connectPacket(5, { keepAliveSeconds: asked }));
      harness.accept();
      const connack = harness.received()[0];
      expect(connack?.type === 'connack' && connack.properties.serverKeepAlive).toBe(told);
    }
  });

  it('a will above the maximum QoS is 0x9B, a retained one without retain 0x9A [MQTT-3.2.2-12, MQTT-3.2.2-13]', () => {
    const qos = new Harness(5, { maximumQoS: 0 });
    qos.send(connectPacket(5, { will }));
    expect(qos.received()).toMatchObject([{ type: 'connack', reasonCode: 0x9b }]);
    const retain = new Harness(5, { retainAvailable: false });
    retain.send(connectPacket(5, { will: { ...will, retain: true } }));
    expect(retain.received()).toMatchObject([{ type: 'connack', reasonCode: 0x9a }]);
  });

  it('a will that is announced as UTF-8 and is not is 0x99', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { will: { ...will, payload: Buffer.of(0xff), properties: { payloadFormatIndicator: 1 } } }));
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0x99 }]);
  });

  it('response information is told to who asks for it [MQTT-3.1.2-28]', () => {
    for (const [requestResponseInformation, told] of [
      [true, 'responses'],
      [false, undefined],
    ] as const) {
      const harness = new Harness(5, { responseInformation: 'responses' });
      harness.send(connectPacket(5, { properties: { requestResponseInformation } }));
      harness.accept();
      const connack = harness.received()[0];
      expect(connack?.type === 'connack' && connack.properties.responseInformation).toBe(told);
    }
  });

  it('no reason string where the client wants no problem information', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { properties: { requestProblemInformation: false } }));
    harness.connection.refuse(ReasonCode.NotAuthorized, 'because', harness.now);
    expect(harness.received()).toEqual([expect.objectContaining({ type: 'connack', properties: {} })]);
  });

  it('CONNACK larger than the client accepts is not sent, and the connection ends [MQTT-3.1.2-24]', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { properties: { maximumPacketSize: 10 } }));
    harness.accept();
    expect(harness.received()).toEqual([]);
    expect(harness.end).toMatchObject({ cause: 'not_established', reasonCode: ReasonCode.PacketTooLarge });
  });
});
