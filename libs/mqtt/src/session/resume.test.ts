import { describe, expect, it } from 'vitest';
import { ack, publishPacket, summary } from '../connection/harness.fixture.js';
import type { QoS } from '../packets/packet.js';
import { ReasonCode } from '../packets/reason-code.js';
import type { PublishToken } from './publish-token.js';
import { SessionHarness } from './session-harness.fixture.js';

describe.each([4, 5] as const)('a session that outlives its connection, at protocol level %i', (version) => {
  it('QoS 1 and 2 wait while nobody is connected, QoS 0 is dropped; CONNACK comes before them [MQTT-4.5.0-1, MQTT-3.2.0-1]', () => {
    const client = new SessionHarness(version);
    client.deliver({ qos: 1, payload: 'a' });
    client.deliver({ qos: 0, payload: 'b' });
    client.deliver({ qos: 2, payload: 'c' });
    expect(client.session).toMatchObject({ connected: false, queuedMessages: 2 });
    expect(client.undelivered).toEqual(['offline b']);
    client.connect();
    expect(summary(client.wire.received())).toEqual(['connack', 'publish 1 a', 'publish 2 c']);
  });

  it('what is not acknowledged is sent again, with DUP 1 and its identifier, then what waits [MQTT-4.4.0-1, MQTT-3.3.1-1, MQTT-4.6.0-1]', () => {
    const client = new SessionHarness(version);
    client.connect();
    client.deliver({ qos: 1, payload: 'a' });
    client.deliver({ qos: 2, payload: 'b' });
    client.lose();
    client.deliver({ qos: 1, payload: 'c' });
    client.connect();
    expect(client.wire.received()).toMatchObject([
      { type: 'connack' },
      { type: 'publish', packetId: 1, dup: true },
      { type: 'publish', packetId: 2, dup: true },
      { type: 'publish', packetId: 3, dup: false },
    ]);
  });

  it('PUBREL is sent again, and not the PUBLISH before it [MQTT-4.4.0-1, MQTT-4.3.3-4, MQTT-4.3.3-6]', () => {
    const client = new SessionHarness(version);
    client.connect();
    client.deliver({ qos: 2, payload: 'a' });
    client.deliver({ qos: 1, payload: 'b' });
    client.wire.send(ack('pubrec', 1));
    client.lose();
    client.connect();
    expect(summary(client.wire.received())).toEqual(['connack', 'publish 2 b', 'pubrel']);
    client.wire.send(ack('pubcomp', 1), ack('puback', 2));
    expect(client.session.inFlightMessages).toBe(0);
    expect(client.finished).toEqual(['a', 'b']);
  });

  it('nothing is sent again while the connection lasts [v3 MQTT-4.4.0-1]', () => {
    const client = new SessionHarness(version);
    client.connect();
    client.deliver({ qos: 2, payload: 'a' });
    client.wire.received();
    client.wire.pass(20_000);
    client.wire.send({ type: 'pingreq' });
    client.wire.connection.setWritable(false, client.wire.now);
    client.wire.connection.setWritable(true, client.wire.now);
    expect(summary(client.wire.received())).toEqual(['pingresp']);
  });

  it('a PUBREL that came before its PUBREC is forgotten with its connection: the PUBLISH is repeated, and taken once [MQTT-4.3.3-10]', () => {
    const client = new SessionHarness(version);
    const first = client.connect();
    const message = publishPacket({ qos: 2, packetId: 7 });
    first.send(message, ack('pubrel', 7));
    client.lose();
    const second = client.connect();
    second.received();
    second.send({ ...message, dup: true });
    expect(second.received()).toEqual([]);
    first.settle(0);
    expect(summary(second.received())).toEqual(['pubrec']);
    second.send(ack('pubrel', 7));
    expect(summary(second.received())).toEqual(['pubcomp']);
    expect(second.publishes).toHaveLength(0);
  });

  it('a take-over detaches the session from the connection before, and closes that', () => {
    const client = new SessionHarness(version);
    const first = client.connect();
    client.deliver({ qos: 1, payload: 'a' });
    first.received();
    const second = client.connect();
    expect(first.end).toMatchObject({ cause: 'taken_over', reasonCode: ReasonCode.SessionTakenOver });
    expect(summary(second.received())).toEqual(['connack', 'publish 1 a']);
    expect(client.session.connected).toBe(true);
  });

  it('a QoS 2 message that is stored after its connection ended is stored once: its repeat gets one PUBREC [MQTT-4.3.3-10]', () => {
    const client = new SessionHarness(version);
    const first = client.connect();
    const message = publishPacket({ qos: 2, packetId: 7 });
    first.send(message);
    client.lose();
    const second = client.connect();
    second.received();
    second.send({ ...message, dup: true });
    second.send({ ...message, dup: true });
    expect(second.received()).toEqual([]);
    first.settle(0);
    expect(summary(second.received())).toEqual(['pubrec']);
    expect([...first.publishes, ...second.publishes]).toHaveLength(1);
    second.send(ack('pubrel', 7));
    expect(second.received()).toMatchObject([{ type: 'pubcomp', packetId: 7, reasonCode: 0 }]);
  });

  it('the end of the session hands back what the client did not get, in order, and what it has not released', () => {
    const client = new SessionHarness(version, { maxOutboundInFlight: 2 });
    client.connect();
    for (const payload of ['a', 'b', 'c', 'd']) client.deliver({ qos: 2, payload });
    client.wire.send(ack('pubrec', 1));
    client.lose();
    const { unreceived, received } = client.session.end();
    expect([unreceived, received].map((messages) => messages.map(({ payload }) => String(payload)))).toEqual([['b', 'c', 'd'], ['a']]);
    expect(client.finished).toEqual([]);
  });

  it('over the limit of the queue a message is dropped while nobody is connected, and what has expired goes first', () => {
    const client = new SessionHarness(version, {}, { limits: { maxQueuedMessages: 2 } });
    client.deliver({ qos: 1, payload: 'a', expiresAtMs: 5 });
    client.deliver({ qos: 1, payload: 'b' });
    client.deliver({ qos: 1, payload: 'c' });
    expect(client.undelivered).toEqual(['queue_full c']);
    client.session.deliver({ topic: 't', payload: Buffer.from('d'), qos: 1, retain: false, properties: {} }, 5);
    expect(client.undelivered).toEqual(['queue_full c', 'expired a']);
    expect(client.finished).toEqual(['c', 'a']);
    client.connect();
    expect(summary(client.wire.received())).toEqual(['connack', 'publish 1 b', 'publish 2 d']);
  });

  it('QoS 0 that waits for the socket is dropped with the connection', () => {
    const client = new SessionHarness(version);
    client.connect();
    client.wire.connection.setWritable(false, client.wire.now);
    client.deliver({ qos: 0, payload: 'a' });
    client.deliver({ qos: 1, payload: 'b' });
    client.lose();
    expect(client.undelivered).toEqual(['offline a']);
    expect(client.session.queuedMessages).toBe(1);
  });

  it('a publish that could be neither stored nor refused ends whichever connection awaits it, and may come again', () => {
    const client = new SessionHarness(version);
    const message = publishPacket({ qos: 2, packetId: 7 });
    const first = client.connect();
    first.send(message);
    client.lose();
    const second = client.connect();
    second.send({ ...message, dup: true });
    first.connection.failPublish(first.publishes[0]?.token as PublishToken, 'the log is away');
    expect(second.end).toMatchObject({ cause: 'network_error', reasonCode: ReasonCode.ServerBusy });
    const third = client.connect();
    third.send({ ...message, dup: true });
    expect(third.publishes).toHaveLength(1);
  });

  it('a QoS 2 message that is refused after its connection ended is new when it comes again [MQTT-4.3.3-9]', () => {
    const client = new SessionHarness(version);
    const message = publishPacket({ qos: 2, packetId: 7 });
    const first = client.connect();
    first.send(message);
    client.lose();
    first.settle(0, ReasonCode.QuotaExceeded);
    const second = client.connect();
    second.send({ ...message, dup: true });
    expect(second.publishes).toHaveLength(1);
  });

  it('what waits is counted, in messages and bytes, until it is taken', () => {
    const client = new SessionHarness(version);
    expect([client.session.queuedMessages, client.session.queuedBytes]).toEqual([0, 0]);
    client.deliver({ qos: 1, payload: 'x'.repeat(1_000) });
    const { queuedBytes } = client.session;
    expect(queuedBytes).toBeGreaterThan(1_000);
    client.deliver({ qos: 1, payload: 'x'.repeat(1_000) });
    expect([client.session.queuedMessages, client.session.queuedBytes]).toEqual([2, 2 * queuedBytes]);
    client.connect();
    expect([client.session.queuedMessages, client.session.queuedBytes]).toEqual([0, 0]);
  });

  it('what is delivered after the end of the session is dropped', () => {
    const client = new SessionHarness(version);
    client.session.end();
    client.deliver({ qos: 1, payload: 'a' });
    expect(client.undelivered).toEqual(['offline a']);
  });
});

describe('what 5.0 adds to resuming', () => {
  /** Messages a, b, c in flight, of these levels, on a connection that is lost; the next one has room for fewer. */
  function resumedWithRoomFor(receiveMaximum: number, levels: readonly QoS[]) {
    const client = new SessionHarness(5);
    client.connect();
    for (const [index, qos] of levels.entries()) client.deliver({ qos, payload: 'abc'.charAt(index) });
    client.lose();
    client.connect({ properties: { receiveMaximum } });
    return client;
  }

  it('the Receive Maximum of the new connection is kept; the rest comes with the acks [MQTT-3.3.4-9]', () => {
    const client = resumedWithRoomFor(2, [1, 1, 1]);
    expect(summary(client.wire.received())).toEqual(['connack', 'publish 1 a', 'publish 2 b']);
    client.wire.send(ack('puback', 1));
    expect(client.wire.received()).toMatchObject([{ type: 'publish', packetId: 3, dup: true }]);
  });

  it.each([
    ['puback', 1, []],
    ['pubrec', 2, ['pubrel']],
  ] as const)('a %s for what the new connection had no place to repeat yet is taken: it is not repeated', (type, qos, answer) => {
    const client = resumedWithRoomFor(1, [1, qos, 1]);
    expect(summary(client.wire.received())).toEqual(['connack', 'publish 1 a']);
    client.wire.send(ack(type, 2));
    expect(summary(client.wire.received())).toEqual(answer);
    client.wire.send(ack('puback', 1), ack('pubcomp', 2));
    expect(summary(client.wire.received())).toEqual(['publish 3 c']);
    expect(client.finished).toEqual(qos === 1 ? ['b', 'a'] : ['a', 'b']);
  });

  it('a PUBREC that comes before a full socket had room for the repeat is answered, and nothing is repeated [MQTT-4.3.3-4]', () => {
    const client = resumedWithRoomFor(2, [2, 2, 2]);
    expect(summary(client.wire.received())).toEqual(['connack', 'publish 1 a', 'publish 2 b']);
    client.wire.connection.setWritable(false, client.wire.now);
    client.wire.send(ack('pubrec', 3), ack('pubrec', 1), ack('pubcomp', 1), ack('pubrec', 2), ack('pubcomp', 2));
    client.wire.connection.setWritable(true, client.wire.now);
    expect(summary(client.wire.received())).not.toContain('publish 3 c');
  });

  it('a release of the connection before has its place in the Receive Maximum of the new one [MQTT-3.3.4-9]', () => {
    const client = new SessionHarness(5);
    client.connect();
    client.deliver({ qos: 2, payload: 'a' });
    for (const payload of ['b', 'c', 'd']) client.deliver({ qos: 1, payload });
    client.wire.send(ack('pubrec', 1));
    client.lose();
    client.connect({ properties: { receiveMaximum: 2 } });
    expect(summary(client.wire.received())).toEqual(['connack', 'publish 2 b', 'pubrel']);
    client.wire.send(ack('puback', 2));
    expect(summary(client.wire.received())).toEqual(['publish 3 c']);
    client.wire.send(ack('pubcomp', 1));
    expect(summary(client.wire.received())).toEqual(['publish 4 d']);
  });

  it('topic aliases end with the connection: the first message on the next one names its topic [MQTT-3.3.2-7]', () => {
    const client = new SessionHarness(5);
    const properties = { topicAliasMaximum: 5 };
    client.connect({ properties });
    client.deliver({ qos: 0, payload: 'a' });
    client.lose();
    client.connect({ properties });
    client.deliver({ qos: 0, payload: 'b' });
    expect(client.wire.received().at(-1)).toMatchObject({ type: 'publish', topic: 't', properties: { topicAlias: 1 } });
  });

  it('an alias of the client is unknown on its next connection [MQTT-3.3.2-7]', () => {
    const client = new SessionHarness(5);
    client.connect().send(publishPacket({ qos: 0, topic: 'a', properties: { topicAlias: 1 } }));
    client.lose();
    client.connect().send(publishPacket({ qos: 0, topic: '', properties: { topicAlias: 1 } }));
    expect(client.wire.end?.reasonCode).toBe(ReasonCode.ProtocolError);
  });

  it('the expiry goes on while nobody is connected; what was begun in time is completed [MQTT-3.3.2-5, MQTT-3.3.2-6]', () => {
    const client = new SessionHarness(5);
    const { now } = client.connect();
    client.deliver({ qos: 1, payload: 'a', expiresAtMs: now + 3_000 });
    client.lose();
    client.deliver({ qos: 1, payload: 'b', expiresAtMs: now + 3_000 });
    client.deliver({ qos: 1, payload: 'c', expiresAtMs: now + 9_000 });
    client.wire.now += 5_000;
    client.connect();
    expect(client.wire.received()).toMatchObject([
      { type: 'connack' },
      { packetId: 1, properties: { messageExpiryInterval: 0 } },
      { packetId: 2, properties: { messageExpiryInterval: 4 } },
    ]);
    expect(client.undelivered).toEqual(['expired b']);
  });

  it('a message in flight that is too large for the new connection counts as done [MQTT-3.1.2-25]', () => {
    const client = new SessionHarness(5);
    client.connect();
    client.deliver({ qos: 1, payload: 'x'.repeat(200) });
    client.lose();
    client.connect({ properties: { maximumPacketSize: 100 } });
    expect(client.undelivered).toHaveLength(1);
    expect(client.session.inFlightMessages).toBe(0);
  });

  it('a client that accepts no packet as large as the ack that is due is closed [MQTT-3.1.2-24]', () => {
    const client = new SessionHarness(5);
    client.connect({ properties: { maximumPacketSize: 30 } });
    client.wire.send({ type: 'unsubscribe', packetId: 1, filters: Array.from({ length: 30 }, (_, index) => `a/${index}`), properties: {} });
    client.wire.connection.settleUnsubscribe(client.wire.unsubscribes[0]?.token ?? {}, Array(30).fill(0), client.wire.now);
    expect(client.wire.end?.reasonCode).toBe(ReasonCode.PacketTooLarge);
  });
});
