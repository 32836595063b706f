import { describe, expect, it } from 'vitest';
import { ack, connected, summary } from '../../connection/harness.fixture.js';

describe.each([4, 5] as const)('messages towards a client at protocol level %i', (version) => {
  it('QoS 1 has a fresh identifier and DUP 0, and is over with PUBACK [MQTT-4.3.2-2]', () => {
    const harness = connected(version);
    harness.deliver({ topic: 'a/b', qos: 1 });
    expect(harness.received()).toMatchObject([{ type: 'publish', topic: 'a/b', packetId: 1, dup: false, qos: 1 }]);
    harness.send(ack('puback', 1));
    expect(harness.end).toBeUndefined();
  });

  it('QoS 2 is released after PUBREC, and over with PUBCOMP [MQTT-4.3.3-4]', () => {
    const harness = connected(version);
    harness.deliver({ qos: 2 });
    harness.received();
    harness.send(ack('pubrec', 1));
    expect(harness.received()).toEqual([ack('pubrel', 1)]);
    harness.send(ack('pubcomp', 1));
    expect(harness.end).toBeUndefined();
  });

  it('identifiers are given round robin, not the lowest free one', () => {
    const harness = connected(version);
    for (const id of [1, 2, 3]) {
      harness.deliver();
      expect(harness.received()).toMatchObject([{ packetId: id }]);
      harness.send(ack('puback', id));
    }
  });

  it('identifiers wrap from 65,535 to 1 and skip those in flight [MQTT-2.2.1-4, MQTT-4.3.2-1]', () => {
    const harness = connected(version);
    harness.deliver();
    for (let id = 2; id <= 65_535; id++) {
      harness.deliver();
      harness.send(ack('puback', id));
    }
    harness.received();
    harness.deliver();
    expect(harness.received()).toMatchObject([{ packetId: 2 }]);
  });

  it('no more are in flight than allowed; the others wait in order [MQTT-4.6.0-5]', () => {
    const harness = connected(version, {}, { maxOutboundInFlight: 2 });
    for (const text of ['a', 'b', 'c', 'd']) harness.deliver({ payload: Buffer.from(text) });
    expect(summary(harness.received())).toEqual(['publish 1 a', 'publish 2 b']);
    harness.send(ack('puback', 2));
    expect(summary(harness.received())).toEqual(['publish 3 c']);
    harness.send(ack('puback', 1));
    expect(summary(harness.received())).toEqual(['publish 4 d']);
  });

  it('QoS 0 does not wait for acks, unless something that does is before it', () => {
    const harness = connected(version, {}, { maxOutboundInFlight: 1 });
    const deliver = (text: string, qos: 0 | 1) => harness.deliver({ qos, payload: Buffer.from(text) });
    deliver('a', 1);
    deliver('b', 0);
    deliver('c', 1);
    deliver('d', 0);
    expect(summary(harness.received())).toEqual(['publish 1 a', 'publish 0 b']);
    harness.send(ack('puback', 1));
    expect(summary(harness.received())).toEqual(['publish 2 c', 'publish 0 d']);
  });

  it('nothing is sent while the socket is full, and all of it in order after', () => {
    const harness = connected(version);
    harness.connection.setWritable(false, harness.now);
    harness.deliver({ qos: 0, payload: Buffer.from('a') });
    harness.deliver({ qos: 1, payload: Buffer.from('b') });
    expect(harness.received()).toEqual([]);
    harness.connection.setWritable(true, harness.now);
    expect(summary(harness.received())).toEqual(['publish 0 a', 'publish 1 b']);
  });

  it('over the bound of the queue QoS 0 goes first', () => {
    const harness = connected(version, {}, {}, { maxQueuedMessages: 2 });
    harness.connection.setWritable(false, harness.now);
    harness.deliver({ qos: 0, payload: Buffer.from('a') });
    harness.deliver({ qos: 1, payload: Buffer.from('b') });
    harness.deliver({ qos: 0, payload: Buffer.from('c') });
    harness.deliver({ qos: 1, payload: Buffer.from('d') });
    expect(harness.undelivered).toEqual(['queue_full', 'queue_full']);
    harness.connection.setWritable(true, harness.now);
    expect(summary(harness.received())).toEqual(['publish 1 b', 'publish 2 d']);
  });

  it('a queue full of QoS 1 ends the session: 0x97 in 5.0', () => {
    const harness = connected(version, {}, {}, { maxQueuedBytes: 10 });
    harness.connection.setWritable(false, harness.now);
    for (let index = 0; index < 3; index++) harness.deliver({ payload: Buffer.alloc(5) });
    expect(harness.end?.reasonCode).toBe(0x97);
    expect(harness.received()).toMatchObject(version === 5 ? [{ type: 'disconnect', reasonCode: 0x97 }] : []);
  });

  it.each([
    ['puback', 2],
    ['pubcomp', 2],
    ['pubrec', 1],
    ['pubcomp', 1],
  ] as const)('%s for a message of QoS %i is against the protocol', (type, qos) => {
    const harness = connected(version);
    harness.deliver({ qos });
    harness.send(ack(type, 1));
    expect(harness.end?.cause).toBe('protocol_error');
  });

  it.each(['puback', 'pubrec', 'pubcomp'] as const)('%s for an identifier never used is against the protocol', (type) => {
    const harness = connected(version);
    harness.send(ack(type, 1));
    expect(harness.end?.cause).toBe('protocol_error');
  });

  it('an ack that comes twice is no error; PUBREC of what is over is released again', () => {
    const harness = connected(version);
    harness.deliver();
    harness.received();
    harness.send(ack('puback', 1), ack('puback', 1), ack('pubcomp', 1));
    expect(harness.received()).toEqual([]);
    harness.send(ack('pubrec', 1));
    expect(harness.received()).toEqual([ack('pubrel', 1, version === 5 ? 0x92 : 0)]);
    expect(harness.end).toBeUndefined();
  });

  it('what has expired while it waited is not sent [MQTT-3.3.2-5]', () => {
    const harness = connected(version);
    harness.connection.setWritable(false, harness.now);
    harness.deliver({ expiresAtMs: harness.now + 1000 });
    harness.now += 1000;
    harness.connection.setWritable(true, harness.now);
    expect(harness.received()).toEqual([]);
    expect(harness.undelivered).toEqual(['expired']);
  });
});

describe('what 5.0 adds towards a client', () => {
  it('the Receive Maximum of the client is kept [MQTT-3.3.4-9, MQTT-4.9.0-1, MQTT-4.9.0-2]', () => {
    const harness = connected(5, { properties: { receiveMaximum: 1 } });
    for (const text of ['a', 'b']) harness.deliver({ payload: Buffer.from(text), qos: 2 });
    expect(summary(harness.received())).toEqual(['publish 1 a']);
    harness.send(ack('pubrec', 1));
    expect(summary(harness.received())).toEqual(['pubrel']);
    harness.send(ack('pubcomp', 1));
    expect(summary(harness.received())).toEqual(['publish 2 b']);
  });

  it('a PUBREC or PUBACK of 0x80 or more ends the exchange and frees its place, without PUBREL [MQTT-4.3.3-4]', () => {
    const harness = connected(5, { properties: { receiveMaximum: 1 } });
    harness.deliver({ qos: 2, payload: Buffer.from('a') });
    harness.deliver({ qos: 1, payload: Buffer.from('b') });
    harness.deliver({ qos: 1, payload: Buffer.from('c') });
    harness.received();
    harness.send(ack('pubrec', 1, 0x97));
    expect(summary(harness.received())).toEqual(['publish 2 b']);
    harness.send(ack('puback', 2, 0x80));
    expect(summary(harness.received())).toEqual(['publish 3 c']);
  });

  it('a packet too large for the client is not sent, and counts as done [MQTT-3.1.2-24, MQTT-3.1.2-25]', () => {
    const harness = connected(5, { properties: { maximumPacketSize: 100, receiveMaximum: 1 } });
    harness.deliver({ payload: Buffer.alloc(200) });
    harness.deliver({ payload: Buffer.from('b') });
    expect(summary(harness.received())).toEqual(['publish 2 b']);
    expect(harness.undelivered).toEqual(['too_large']);
  });

  it('the message expiry is sent as what is left [MQTT-3.3.2-6]', () => {
    const harness = connected(5);
    harness.connection.setWritable(false, harness.now);
    harness.deliver({ expiresAtMs: harness.now + 10_000 });
    harness.now += 4_000;
    harness.connection.setWritable(true, harness.now);
    expect(harness.received()).toMatchObject([{ properties: { messageExpiryInterval: 6 } }]);
  });

  it('topic aliases are used as far as client and options allow [MQTT-3.1.2-26, MQTT-3.3.2-11]', () => {
    const harness = connected(5, { properties: { topicAliasMaximum: 1 } }, { outboundTopicAliasMaximum: 8 });
    for (const topic of ['a', 'a', 'b', 'b']) harness.deliver({ topic, qos: 0 });
    expect(harness.received()).toMatchObject([
      { topic: 'a', properties: { topicAlias: 1 } },
      { topic: '', properties: { topicAlias: 1 } },
      { topic: 'b', properties: {} },
      { topic: 'b', properties: {} },
    ]);
  });

  it.each([{}, { topicAliasMaximum: 0 }])(
    'no topic alias towards a client that allows none: CONNECT with %j [MQTT-3.1.2-27]',
    (properties) => {
      const harness = connected(5, { properties }, { outboundTopicAliasMaximum: 8 });
      harness.deliver({ topic: 'a' });
      expect(harness.received()).toEqual([expect.objectContaining({ topic: 'a', properties: {} })]);
    },
  );
});
