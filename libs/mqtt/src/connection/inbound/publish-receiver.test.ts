import { describe, expect, it } from 'vitest';
import { ReasonCode } from '../../packets/reason-code.js';
import { connected, ids, publishPacket, pubrel } from '../harness.fixture.js';

describe.each([4, 5] as const)('PUBLISH at protocol level %i', (version) => {
  it('PUBACK leaves after the broker has stored the message, not before [MQTT-4.3.2-4]', () => {
    const harness = connected(version);
    harness.send(publishPacket());
    expect(ids(harness)).toEqual([]);
    harness.settle(0);
    expect(ids(harness)).toEqual(['puback 1']);
  });

  it('acks leave in the order the publishes came, each with its identifier, whatever the order they are settled in [MQTT-2.2.1-5, MQTT-4.6.0-2, MQTT-4.6.0-3]', () => {
    const harness = connected(version);
    harness.send(publishPacket({ packetId: 5 }), publishPacket({ packetId: 3, qos: 2 }), publishPacket({ packetId: 9 }));
    harness.settle(2);
    harness.settle(1);
    expect(ids(harness)).toEqual([]);
    harness.settle(0);
    expect(ids(harness)).toEqual(['puback 5', 'pubrec 3', 'puback 9']);
  });

  it('acks of one tick leave as one buffer, announced once', () => {
    const harness = connected(version);
    const before = harness.outputReadyCalls;
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2 }), publishPacket({ packetId: 3 }));
    for (const index of [0, 1, 2]) harness.settle(index);
    expect(harness.outputReadyCalls - before).toBe(1);
    expect(harness.connection.takeOutput().map((buffer) => buffer.toString('hex'))).toEqual(['400200014002000240020003']);
  });

  it('publishes are counted once a read and their acks once a write, and none is left out', () => {
    const harness = connected(version);
    harness.counts.length = 0;
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2 }), publishPacket({ packetId: 3, qos: 2 }));
    for (const index of [0, 1, 2]) harness.settle(index);
    harness.received();
    harness.received();
    harness.send(publishPacket({ qos: 0 }), { type: 'pingreq' });
    expect(harness.counts).toEqual(['in publish 3', 'out pubrec 1', 'out puback 2', 'in pingreq 1', 'out pingresp 1', 'in publish 1']);
  });

  it('QoS 0 is handed on without a token, and not answered', () => {
    const harness = connected(version);
    harness.send(publishPacket({ qos: 0 }));
    expect(harness.publishes).toMatchObject([{ token: undefined, publish: { qos: 0 } }]);
    expect(ids(harness)).toEqual([]);
  });

  it('QoS 2 is stored once however often the PUBLISH comes, before and after its PUBREC [MQTT-4.3.3-8, MQTT-4.3.3-10, MQTT-4.3.3-11, MQTT-4.3.3-12]', () => {
    const harness = connected(version);
    const message = publishPacket({ qos: 2, packetId: 7 });
    harness.send(message, { ...message, dup: true });
    harness.settle(0);
    expect(ids(harness)).toEqual(['pubrec 7']);
    // Its identifier says that it is the same one, and not DUP.
    harness.send({ ...message, dup: true }, message);
    expect(ids(harness)).toEqual(['pubrec 7', 'pubrec 7']);
    expect(harness.publishes).toHaveLength(1);
    harness.send(pubrel(7));
    expect(ids(harness)).toEqual(['pubcomp 7']);
    harness.send(message);
    expect(harness.publishes).toHaveLength(2);
  });

  it('PUBREL of an unknown identifier is answered: 0x92 in 5.0 [MQTT-4.3.3-11]', () => {
    const harness = connected(version);
    harness.send(pubrel(77));
    expect(harness.received()).toEqual([{ type: 'pubcomp', packetId: 77, reasonCode: version === 5 ? 0x92 : 0, properties: {} }]);
  });

  it('a PUBREL that does not wait for its PUBREC is answered after it, with its identifier, and the message is taken once [MQTT-2.2.1-5]', () => {
    const harness = connected(version);
    harness.send(publishPacket({ packetId: 5 }), publishPacket({ qos: 2, packetId: 7 }), pubrel(7));
    harness.settle(1);
    expect(ids(harness)).toEqual([]);
    harness.settle(0);
    expect(ids(harness)).toEqual(['puback 5', 'pubrec 7', 'pubcomp 7']);
    harness.send(publishPacket({ qos: 2, packetId: 7 }));
    expect(harness.publishes).toHaveLength(3);
  });

  it('an identifier released before its PUBREC is not mistaken for a repetition [MQTT-4.3.3-11]', () => {
    const harness = connected(version);
    harness.send(publishPacket({ qos: 2, packetId: 7 }), pubrel(7), publishPacket({ qos: 2, packetId: 7 }));
    harness.settle(0);
    if (version === 4) expect(harness.end?.cause).toBe('protocol_error');
    else expect(harness.received().map((each) => ('reasonCode' in each ? each.reasonCode : undefined))).toEqual([0, 0, 0x91]);
    expect(harness.publishes).toHaveLength(1);
  });

  it('PINGREQ is answered while the bridge is down and the client is at its limit [MQTT-3.12.4-1]', () => {
    const harness = connected(version, {}, { receiveMaximum: 2 });
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2 }), { type: 'pingreq' });
    expect(ids(harness)).toEqual(['pingresp']);
  });

  it('one packet of any size is admitted when nothing is unacknowledged, the next waits for room', () => {
    const harness = connected(version, {}, { maxUnacknowledgedBytes: 1000, readAheadBytes: 0 });
    const large = Buffer.alloc(5000);
    harness.send(publishPacket({ packetId: 1, payload: large }), publishPacket({ packetId: 2 }), { type: 'pingreq' });
    expect(harness.publishes).toHaveLength(1);
    expect(harness.reading).toBe(false);
    expect(ids(harness)).toEqual([]);
    harness.settle(0);
    expect(harness.publishes).toHaveLength(2);
    expect(harness.reading).toBe(true);
    expect(ids(harness)).toEqual(['puback 1', 'pingresp']);
  });

  it('a publish that would exceed the byte limit is held until what is before it has left', () => {
    const harness = connected(version, {}, { maxUnacknowledgedBytes: 1000 });
    harness.send(publishPacket({ packetId: 1, payload: Buffer.alloc(600) }), publishPacket({ packetId: 2, payload: Buffer.alloc(600) }));
    expect(harness.publishes).toHaveLength(1);
    harness.settle(0);
    expect(harness.publishes).toHaveLength(2);
    harness.settle(1);
    expect(ids(harness)).toEqual(['puback 1', 'puback 2']);
  });

  it('outcomes that arrive after the end are ignored', () => {
    const harness = connected(version);
    harness.send(publishPacket());
    harness.connection.socketClosed();
    harness.settle(0);
    expect(ids(harness)).toEqual([]);
  });
});

describe('a refused publish', () => {
  it('5.0 QoS 1 and 2: the code is in the ack, in order, and the connection stays', () => {
    const harness = connected(5);
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2, topic: 'refused/a' }));
    harness.send(publishPacket({ packetId: 3, qos: 2, topic: 'refused/b' }));
    expect(harness.received()).toEqual([]);
    harness.settle(0);
    expect(harness.received()).toMatchObject([
      { type: 'puback', packetId: 1, reasonCode: 0 },
      { type: 'puback', packetId: 2, reasonCode: 0x87 },
      { type: 'pubrec', packetId: 3, reasonCode: 0x87 },
    ]);
    expect(harness.refused).toHaveLength(2);
    expect(harness.end).toBeUndefined();
  });

  it('5.0 QoS 0: dropped and told to the broker, the connection stays', () => {
    const harness = connected(5);
    harness.send(publishPacket({ qos: 0, topic: 'refused/a' }));
    expect(harness.refused).toMatchObject([{ reasonCode: ReasonCode.NotAuthorized }]);
    expect(harness.publishes).toEqual([]);
    expect(harness.end).toBeUndefined();
  });

  it('3.1.1 is closed, QoS 0 and 1 alike [v3 MQTT-3.3.5-2]', () => {
    for (const qos of [0, 1] as const) {
      const harness = connected(4);
      harness.send(publishPacket({ qos, topic: 'refused/a' }));
      expect(harness.end).toMatchObject({ cause: 'refused_publish', reasonCode: ReasonCode.NotAuthorized });
      expect(harness.received()).toEqual([]);
    }
  });

  it('3.1.1: acks before it leave first, and nothing behind it is stored', () => {
    const harness = connected(4);
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2 }));
    harness.settle(1, ReasonCode.ImplementationSpecificError);
    harness.send(publishPacket({ packetId: 3 }));
    expect(harness.publishes).toHaveLength(2);
    harness.settle(0);
    expect(ids(harness)).toEqual(['puback 1']);
    expect(harness.end).toMatchObject({ cause: 'refused_publish', reasonCode: ReasonCode.ImplementationSpecificError });
  });
});

describe('what 5.0 adds to PUBLISH', () => {
  it('a topic alias stands for its topic, and may be set anew [MQTT-3.3.2-12]', () => {
    const harness = connected(5);
    harness.send(publishPacket({ packetId: 1, topic: 'a', properties: { topicAlias: 1 } }));
    harness.send(publishPacket({ packetId: 2, topic: '', properties: { topicAlias: 1, contentType: 'x' } }));
    harness.send(publishPacket({ packetId: 3, topic: 'b', properties: { topicAlias: 1 } }));
    harness.send(publishPacket({ packetId: 4, topic: '', properties: { topicAlias: 1 } }));
    expect(harness.publishes.map(({ publish }) => publish.topic)).toEqual(['a', 'a', 'b', 'b']);
    expect(harness.publishes[1]?.publish.properties).toEqual({ contentType: 'x' });
  });

  it('an alias above the maximum is 0x94 [MQTT-3.2.2-17, MQTT-3.3.2-9]', () => {
    const harness = connected(5, {}, { topicAliasMaximum: 3 });
    harness.send(publishPacket({ topic: 'a', properties: { topicAlias: 4 } }));
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x94 }]);
  });

  it('an alias that is not set is 0x82', () => {
    const harness = connected(5);
    harness.send(publishPacket({ topic: '', properties: { topicAlias: 1 } }));
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
  });

  it('a subscription identifier from a client is 0x82 [MQTT-3.3.4-6]', () => {
    const harness = connected(5);
    harness.send(publishPacket({ properties: { subscriptionIdentifiers: [1] } }));
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x82 }]);
  });

  it('QoS above the maximum is 0x9B, retain where there is none 0x9A [MQTT-3.2.2-11, MQTT-3.2.2-14]', () => {
    const qos = connected(5, {}, { maximumQoS: 0 });
    qos.send(publishPacket());
    expect(qos.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x9b }]);
    const retain = connected(5, {}, { retainAvailable: false });
    retain.send(publishPacket({ retain: true }));
    expect(retain.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x9a }]);
  });

  it('a payload that is announced as UTF-8 and is not is refused with 0x99', () => {
    const harness = connected(5);
    harness.send(publishPacket({ payload: Buffer.of(0xc0, 0x80), properties: { payloadFormatIndicator: 1 } }));
    expect(harness.received()).toMatchObject([{ type: 'puback', reasonCode: 0x99 }]);
    expect(harness.publishes).toEqual([]);
  });

  it.each([
    [2, 1],
    [1, 2],
  ] as const)('an identifier in use at QoS %i is 0x91 at QoS %i; 3.1.1 is closed [MQTT-2.2.1-3, v3 MQTT-2.3.1-2]', (qos, other) => {
    const ackOf = { 1: 'puback', 2: 'pubrec' } as const;
    const harness = connected(5);
    harness.send(publishPacket({ packetId: 1, qos }), publishPacket({ packetId: 1, qos: other }));
    harness.settle(0);
    expect(harness.received()).toMatchObject([
      { type: ackOf[qos], reasonCode: 0 },
      { type: ackOf[other], reasonCode: 0x91 },
    ]);
    expect(harness.publishes).toHaveLength(1);
    const older = connected(4);
    older.send(publishPacket({ packetId: 1, qos }), publishPacket({ packetId: 1, qos: other }));
    expect(older.end?.cause).toBe('protocol_error');
  });

  it('an identifier that was acknowledged is free for another QoS', () => {
    const harness = connected(5);
    harness.send(publishPacket({ packetId: 1, qos: 1 }));
    harness.settle(0);
    harness.send(publishPacket({ packetId: 1, qos: 2 }));
    harness.settle(1);
    expect(harness.received()).toMatchObject([
      { type: 'puback', reasonCode: 0 },
      { type: 'pubrec', reasonCode: 0 },
    ]);
  });
});

describe('PUBLISH at protocol level 5', () => {
  it('properties count against the unacknowledged bytes, the smallest of them too', () => {
    const harness = connected(5, {}, { maxUnacknowledgedBytes: 1000, readAheadBytes: 0 });
    const properties = { userProperties: Array.from({ length: 20 }, () => ['', ''] as const) };
    harness.send(publishPacket({ packetId: 1, properties }), publishPacket({ packetId: 2, properties }));
    expect(harness.publishes).toHaveLength(1);
    harness.settle(0);
    expect(harness.publishes).toHaveLength(2);
  });
});
