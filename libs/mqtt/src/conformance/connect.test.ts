import { describe, expect, it } from 'vitest';
import { connected, connectPacket, Harness, publishPacket } from '../connection/harness.fixture.js';
import type { Will } from '../packets/packet.js';
import { isFailure, ReasonCode } from '../packets/reason-code.js';

/** Every code that a connection may end with. */
const FAILURES = Object.values(ReasonCode).filter(isFailure);

const will: Will = { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: false, properties: {} };

describe.each([4, 5] as const)('CONNECT and CONNACK at protocol level %i', (version) => {
  it.each(['a', 'Z', '0', '0123456789abcdefghijklm', 'NOPQRSTUVWXYZnopqrstuvw'])('client id %s is accepted [MQTT-3.1.3-5]', (clientId) => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { clientId }));
    expect(harness.connects).toMatchObject([{ clientId }]);
    expect(harness.end).toBeUndefined();
  });

  it('a CONNECT without an id goes on under the one it is given [MQTT-3.1.3-6, v3 MQTT-3.1.3-6]', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { clientId: '' }), publishPacket());
    expect(harness.connects).toMatchObject([{ clientId: '' }]);
    harness.accept({ clientId: 'given-1' });
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
    expect(harness.publishes).toHaveLength(1);
  });

  it('a client id that the broker refuses is told so and closed [MQTT-3.1.3-8, v3 MQTT-3.1.3-9]', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version));
    harness.connection.refuse(ReasonCode.ClientIdentifierNotValid, 'not an id of ours', harness.now);
    expect(harness.received()).toMatchObject([{ type: 'connack', reasonCode: version === 5 ? 0x85 : 0x02 }]);
    expect(harness.end).toMatchObject({ established: false });
  });

  it('a second answer of the broker gives no second CONNACK [MQTT-3.2.0-2]', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version));
    harness.accept({ clientId: 'truck-1' });
    harness.accept({ clientId: 'truck-1' });
    harness.connection.refuse(ReasonCode.NotAuthorized, 'too late', harness.now);
    expect(harness.received().map((packet) => packet.type)).toEqual(['connack']);
  });

  it('the keep alive of CONNECT is the one that counts when no other is told [MQTT-3.2.2-22]', () => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { keepAliveSeconds: 7 }));
    harness.accept({ clientId: 'truck-1' });
    expect(harness.received()[0]).not.toHaveProperty('properties.serverKeepAlive');
    harness.pass(10_499);
    expect(harness.end).toBeUndefined();
    harness.pass(1);
    expect(harness.end?.cause).toBe('keepalive_timeout');
  });

  it('without a will nothing is published at the end of the connection [v3 MQTT-3.1.2-12]', () => {
    const harness = connected(version);
    harness.connection.socketClosed('ECONNRESET');
    expect(harness.end?.will).toEqual({ kind: 'none' });
  });

  it('the will is kept whole until the connection ends [MQTT-3.1.2-7]', () => {
    const harness = connected(version, { will: { ...will, qos: 2, retain: true } });
    harness.send(publishPacket({ qos: 0 }), { type: 'pingreq' });
    harness.pass(1_000);
    harness.connection.socketClosed();
    expect(harness.end?.will).toMatchObject({ will: { topic: 'w', payload: Buffer.from('gone'), qos: 2, retain: true } });
  });
});

describe('what 3.1.1 says of CONNACK', () => {
  it.each([ReasonCode.UnspecifiedError, ReasonCode.BadAuthenticationMethod, ReasonCode.PacketTooLarge])(
    'a refusal 0x%s that has no return code is a close without CONNACK [v3 MQTT-3.2.2-6]',
    (reasonCode) => {
      const harness = new Harness(4);
      harness.send(connectPacket(4));
      harness.connection.refuse(reasonCode, 'refused', harness.now);
      expect(harness.received()).toEqual([]);
      expect(harness.end).toMatchObject({ established: false, reasonCode });
    },
  );
});

describe('what 5.0 says of CONNECT and CONNACK', () => {
  it('a lower Server Keep Alive is the one that ends a silent client [MQTT-3.1.2-21, MQTT-3.2.2-21]', () => {
    const harness = connected(5, { keepAliveSeconds: 600 }, { maxKeepAliveSeconds: 20 });
    harness.pass(29_999);
    expect(harness.end).toBeUndefined();
    harness.pass(1);
    expect(harness.end?.cause).toBe('keepalive_timeout');
  });

  it.each([undefined, false, true])('Request Response Information %s: no Response Information [MQTT-3.1.2-28]', (requested) => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { properties: requested === undefined ? {} : { requestResponseInformation: requested } }));
    harness.accept({ clientId: 'truck-1' });
    expect(harness.received()[0]).not.toHaveProperty('properties.responseInformation');
  });

  it('Request Problem Information 0: no reason string and no user property in any answer [MQTT-3.1.2-29]', () => {
    const harness = connected(5, { properties: { requestProblemInformation: false } });
    const subscription = { filter: 'a#', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    harness.send(
      publishPacket({ packetId: 1, topic: 'refused/x' }),
      publishPacket({ packetId: 2, qos: 2, topic: 'refused/x' }),
      { type: 'pubrel', packetId: 9, reasonCode: 0, properties: {} },
      { type: 'subscribe', packetId: 3, subscriptions: [subscription], properties: {} },
      { type: 'unsubscribe', packetId: 4, filters: ['a#'], properties: {} },
    );
    harness.connection.close('revoked', ReasonCode.NotAuthorized, 'the certificate was revoked');
    const answers = harness.received();
    expect(answers.map((packet) => packet.type)).toEqual(['puback', 'pubrec', 'pubcomp', 'suback', 'unsuback', 'disconnect']);
    for (const answer of answers) expect(answer).toHaveProperty('properties', {});
  });

  it.each([0, 1] as const)('a server of QoS %i says so [MQTT-3.2.2-9]', (maximumQoS) => {
    const harness = new Harness(5, { maximumQoS });
    harness.send(connectPacket(5));
    harness.accept({ clientId: 'truck-1' });
    expect(harness.received()).toMatchObject([{ properties: { maximumQoS } }]);
  });

  it('an alias towards a server that announced none is 0x94 [MQTT-3.2.2-18]', () => {
    const harness = connected(5, {}, { topicAliasMaximum: 0 });
    harness.send(publishPacket({ topic: 'a', properties: { topicAlias: 1 } }));
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x94 }]);
    expect(harness.publishes).toEqual([]);
  });

  it('whatever a connection is closed for before it is accepted, CONNACK has a code of its own, and no DISCONNECT comes [MQTT-3.2.2-8, MQTT-3.14.0-1]', () => {
    for (const reasonCode of FAILURES) {
      const harness = new Harness(5);
      harness.send(connectPacket(5));
      harness.connection.close('revoked', reasonCode, 'not any more');
      // The harness takes no other codes.
      expect(harness.received().map(({ type }) => type)).toEqual(['connack']);
    }
  });

  it('whatever a connection is closed for, DISCONNECT has a code of its own [MQTT-3.14.2-1]', () => {
    for (const reasonCode of FAILURES) {
      const harness = connected(5);
      harness.connection.close('revoked', reasonCode, 'not any more');
      expect(harness.received().map(({ type }) => type)).toEqual(['disconnect']);
    }
  });

  it('a second CONNECT is a protocol error, of whatever level it is [MQTT-3.1.0-2, MQTT-3.14.2-1]', () => {
    const harness = connected(5);
    harness.sendBytes('10 0d 0004 4d515454 06 02 0000 00 0000');
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
    expect(harness.end).toMatchObject({ cause: 'protocol_error', reasonCode: ReasonCode.ProtocolError });
  });
});
