import { describe, expect, it } from 'vitest';
import { connected, connectPacket, Harness, publishPacket } from '../connection/harness.fixture.js';
import type { Ack, Packet, Publish } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import { messageOf } from '../router/message-of.js';

const ack = (type: Ack['type'], packetId: number, reasonCode = 0): Packet => ({ type, packetId, reasonCode, properties: {} });
const types = (packets: Packet[]): string[] => packets.map((packet) => packet.type);

describe.each([4, 5] as const)('QoS at protocol level %i', (version) => {
  it('QoS 0 gets no answer, QoS 1 PUBACK, QoS 2 PUBREC [MQTT-3.3.4-1]', () => {
    const harness = connected(version);
    harness.send(publishPacket({ qos: 0 }), publishPacket({ packetId: 1, qos: 1 }), publishPacket({ packetId: 2, qos: 2 }));
    harness.settle(1);
    harness.settle(2);
    expect(harness.received()).toMatchObject([
      { type: 'puback', packetId: 1 },
      { type: 'pubrec', packetId: 2 },
    ]);
  });

  it('after PUBACK the same identifier is a new message, with DUP too [MQTT-4.3.2-5, v3 MQTT-4.3.2-2]', () => {
    const harness = connected(version);
    harness.send(publishPacket({ packetId: 1 }));
    harness.settle(0);
    harness.send(publishPacket({ packetId: 1, dup: true }));
    harness.settle(1);
    expect(harness.publishes).toHaveLength(2);
    expect(types(harness.received())).toEqual(['puback', 'puback']);
  });

  it('a QoS 0 message is sent with QoS 0, DUP 0 and no identifier [MQTT-4.3.1-1, MQTT-3.3.1-2]', () => {
    const harness = connected(version);
    harness.deliver({ topic: 'a', qos: 0, payload: Buffer.from('x') });
    const bytes = Buffer.concat(harness.connection.takeOutput());
    expect(bytes.toString('hex')).toBe(version === 5 ? '30050001610078' : '300400016178');
  });

  it('DUP of a message that came in is not passed on [MQTT-3.3.1-3]', () => {
    const harness = connected(version);
    for (const qos of [1, 2] as const) harness.deliver(messageOf(publishPacket({ qos, dup: true, topic: 'a' }), harness.now));
    expect(harness.received()).toMatchObject([
      { qos: 1, dup: false },
      { qos: 2, dup: false },
    ]);
  });

  it('QoS 2 goes out with a fresh identifier and DUP 0 [MQTT-4.3.3-1, MQTT-4.3.3-2]', () => {
    const harness = connected(version);
    harness.deliver({ qos: 1 });
    harness.deliver({ qos: 2 });
    harness.deliver({ qos: 2 });
    expect(harness.received()).toMatchObject([
      { packetId: 1, qos: 1, dup: false },
      { packetId: 2, qos: 2, dup: false },
      { packetId: 3, qos: 2, dup: false },
    ]);
  });

  it('without PUBACK a message stays in flight, and its identifier is not given out again [MQTT-4.3.2-3, v3 MQTT-4.3.2-1]', () => {
    const harness = connected(version, { keepAliveSeconds: 0 }, { maxOutboundInFlight: 1 });
    harness.deliver({ payload: Buffer.from('a') });
    harness.deliver({ payload: Buffer.from('b') });
    expect(harness.received()).toMatchObject([{ packetId: 1 }]);
    harness.pass(3_600_000);
    expect(harness.received()).toEqual([]);
    harness.send(ack('puback', 1));
    expect(harness.received()).toMatchObject([{ packetId: 2, payload: Buffer.from('b') }]);
  });

  it('QoS 2 is in flight until PUBREC, and its PUBREL until PUBCOMP [MQTT-4.3.3-3, MQTT-4.3.3-5, v3 MQTT-4.3.3-1]', () => {
    const harness = connected(version, { keepAliveSeconds: 0 }, { maxOutboundInFlight: 1 });
    harness.deliver({ qos: 2, payload: Buffer.from('a') });
    harness.deliver({ qos: 2, payload: Buffer.from('b') });
    expect(types(harness.received())).toEqual(['publish']);
    harness.send(ack('pubrec', 1));
    expect(types(harness.received())).toEqual(['pubrel']);
    harness.pass(3_600_000);
    expect(harness.received()).toEqual([]);
    harness.send(ack('pubcomp', 1));
    expect(harness.received()).toMatchObject([{ packetId: 2, payload: Buffer.from('b') }]);
  });

  it('after PUBREL a second PUBREC brings PUBREL again, never the PUBLISH [MQTT-4.3.3-6]', () => {
    const harness = connected(version);
    harness.deliver({ qos: 2 });
    harness.send(ack('pubrec', 1), ack('pubrec', 1));
    expect(types(harness.received())).toEqual(['publish', 'pubrel', 'pubrel']);
  });

  it('a message that was sent does not expire before its exchange is over [MQTT-4.3.3-7]', () => {
    const harness = connected(version);
    harness.deliver({ qos: 2, expiresAtMs: harness.now + 1_000 });
    harness.pass(5_000);
    harness.send(ack('pubrec', 1));
    expect(harness.received()).toMatchObject([{ type: 'publish' }, { type: 'pubrel', packetId: 1, reasonCode: 0 }]);
    harness.send(ack('pubcomp', 1));
    expect(harness.undelivered).toEqual([]);
    expect(harness.end).toBeUndefined();
  });

  it('within a connection nothing is sent a second time, however long its answer takes [MQTT-4.4.0-1]', () => {
    const harness = connected(version, { keepAliveSeconds: 0 });
    harness.deliver({ qos: 1 });
    harness.deliver({ qos: 2 });
    expect(harness.received()).toHaveLength(2);
    harness.pass(86_400_000);
    harness.connection.setWritable(false, harness.now);
    harness.connection.setWritable(true, harness.now);
    expect(harness.received()).toEqual([]);
  });

  it('what a session knows stays as long as its connection is open [MQTT-4.1.0-1, v3 MQTT-4.1.0-1]', () => {
    const harness = connected(version, { keepAliveSeconds: 0 });
    harness.send(publishPacket({ packetId: 7, qos: 2 }));
    harness.settle(0);
    harness.deliver({ qos: 2 });
    harness.received();
    harness.pass(86_400_000);
    harness.send(publishPacket({ packetId: 7, qos: 2, dup: true }), ack('pubrec', 1));
    expect(harness.publishes).toHaveLength(1);
    expect(harness.received()).toMatchObject([
      { type: 'pubrec', packetId: 7, reasonCode: 0 },
      { type: 'pubrel', packetId: 1, reasonCode: 0 },
    ]);
  });

  it('PUBRELs go out in the order of the PUBRECs, on the next connection too [MQTT-4.6.0-4]', () => {
    const first = connected(version);
    for (let message = 0; message < 3; message++) first.deliver({ qos: 2 });
    first.received();
    first.send(ack('pubrec', 3), ack('pubrec', 1), ack('pubrec', 2));
    expect(first.received()).toMatchObject([3, 1, 2].map((packetId) => ({ type: 'pubrel', packetId })));
    first.connection.socketClosed();
    const next = new Harness(version);
    next.send(connectPacket(version, { cleanStart: false }));
    next.accept({ session: first.session, sessionPresent: true });
    const [, ...again] = next.received();
    expect(again).toMatchObject([3, 1, 2].map((packetId) => ({ type: 'pubrel', packetId })));
  });

  it('at quota 0 everything but PUBLISH is still read and answered [MQTT-3.3.4-10, MQTT-4.9.0-3]', () => {
    const harness = connected(version, {}, { maxOutboundInFlight: 1 });
    harness.deliver({ qos: 1 });
    harness.deliver({ qos: 1 });
    harness.received();
    harness.send(publishPacket({ packetId: 5 }), { type: 'pingreq' }, ack('pubrel', 9));
    harness.settle(0);
    expect(types(harness.received())).toEqual(['pingresp', 'pubcomp', 'puback']);
  });

  it('a QoS 2 delivery that had begun is completed after UNSUBSCRIBE [MQTT-3.10.4-3]', () => {
    const harness = connected(version);
    harness.deliver({ qos: 2 });
    harness.received();
    harness.send({ type: 'unsubscribe', packetId: 3, filters: ['t'], properties: {} });
    harness.connection.settleUnsubscribe(harness.unsubscribes[0]?.token ?? {}, [ReasonCode.Success], harness.now);
    harness.send(ack('pubrec', 1), ack('pubcomp', 1));
    expect(types(harness.received())).toEqual(['unsuback', 'pubrel']);
    expect(harness.end).toBeUndefined();
  });

  it('an exchange is completed though its message has expired meanwhile [MQTT-4.3.3-13]', () => {
    const harness = connected(version);
    const properties = version === 5 ? { messageExpiryInterval: 1 } : {};
    harness.send(publishPacket({ packetId: 4, qos: 2, properties }));
    harness.pass(10_000);
    harness.settle(0);
    harness.send(ack('pubrel', 4));
    expect(types(harness.received())).toEqual(['pubrec', 'pubcomp']);
  });
});

describe('QoS 2 of 3.1.1 as one statement', () => {
  it('PUBREC again for a repeat, delivered once, PUBCOMP, then a new message [v3 MQTT-4.3.3-2]', () => {
    const harness = connected(4);
    const message = publishPacket({ packetId: 1, qos: 2 });
    harness.send(message);
    harness.settle(0);
    harness.send({ ...message, dup: true }, ack('pubrel', 1), message);
    harness.settle(1);
    expect(types(harness.received())).toEqual(['pubrec', 'pubrec', 'pubcomp', 'pubrec']);
    expect(harness.publishes).toHaveLength(2);
  });

  it('what cannot be stored closes the connection that it came on [v3 MQTT-4.8.0-2]', () => {
    const harness = connected(4);
    harness.send(publishPacket());
    harness.settle(0, ReasonCode.ImplementationSpecificError);
    expect(harness.received()).toEqual([]);
    expect(harness.end).toMatchObject({ cause: 'refused_publish', established: true });
  });
});

describe('what 5.0 adds to a message', () => {
  const properties: Publish['properties'] = {
    payloadFormatIndicator: 1,
    contentType: 'text/plain; charset=utf-8',
    responseTopic: 'answers/7',
    correlationData: Buffer.of(0, 255, 1),
    userProperties: [
      ['b', '2'],
      ['a', '1'],
      ['b', '1'],
      ['', ''],
    ],
  };

  it('reaches a subscriber unchanged, user properties in their order [MQTT-3.3.2-4, MQTT-3.3.2-15, MQTT-3.3.2-16, MQTT-3.3.2-17, MQTT-3.3.2-18, MQTT-3.3.2-20]', () => {
    const publisher = connected(5);
    publisher.send(publishPacket({ qos: 0, topic: 'a', properties: { ...properties, topicAlias: 1 } }));
    const published = publisher.publishes[0]?.publish ?? publishPacket();
    const subscriber = connected(5);
    subscriber.deliver(messageOf(published, subscriber.now));
    expect(subscriber.received()).toMatchObject([{ topic: 'a', properties }]);
    expect(published.properties).toEqual(properties);
  });

  it('an alias is not known to the next connection [MQTT-3.3.2-7]', () => {
    const first = connected(5);
    first.send(publishPacket({ qos: 0, topic: 'a', properties: { topicAlias: 1 } }));
    const next = connected(5);
    next.send(publishPacket({ qos: 0, topic: '', properties: { topicAlias: 1 } }));
    expect(next.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
    const outward = { properties: { topicAliasMaximum: 5 } };
    for (const subscriber of [
      connected(5, outward, { outboundTopicAliasMaximum: 5 }),
      connected(5, outward, { outboundTopicAliasMaximum: 5 }),
    ]) {
      subscriber.deliver({ topic: 'a', qos: 0 });
      expect(subscriber.received()).toMatchObject([{ topic: 'a', properties: { topicAlias: 1 } }]);
    }
  });

  it.each([
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const)('a message of QoS %i that the client refuses with %s is over [MQTT-4.4.0-2]', (qos, type) => {
    const harness = connected(5, { properties: { receiveMaximum: 1 } });
    harness.deliver({ qos });
    harness.received();
    harness.send(ack(type, 1, 0x83));
    expect(harness.received()).toEqual([]);
    harness.deliver({ qos, payload: Buffer.from('next') });
    expect(harness.received()).toMatchObject([{ type: 'publish', packetId: 2, payload: Buffer.from('next') }]);
  });
});

describe('what ends a connection of 5.0', () => {
  it('DISCONNECT of the server has no session expiry, and the connection is closed after it [MQTT-3.14.2-2, MQTT-3.14.4-2, MQTT-4.13.2-1]', () => {
    const harness = connected(5, { properties: { sessionExpiryInterval: 100 } }, { maxSessionExpirySeconds: 600 });
    harness.connection.close('revoked', ReasonCode.NotAuthorized, 'the certificate was revoked');
    const [packet, ...more] = harness.received();
    expect(packet).toMatchObject({ type: 'disconnect', reasonCode: 0x87 });
    expect(packet).not.toHaveProperty('properties.sessionExpiryInterval');
    expect(more).toEqual([]);
    expect(harness.ends).toHaveLength(1);
  });

  it('a refusal that the client has no room for is not sent, and the connection ends all the same [MQTT-4.13.2-1, MQTT-3.1.2-24]', () => {
    const harness = new Harness(5);
    harness.send(connectPacket(5, { properties: { maximumPacketSize: 4 } }));
    harness.connection.refuse(ReasonCode.NotAuthorized, 'no', harness.now);
    expect(harness.received()).toEqual([]);
    expect(harness.end).toMatchObject({ established: false, reasonCode: ReasonCode.NotAuthorized });
  });
});
