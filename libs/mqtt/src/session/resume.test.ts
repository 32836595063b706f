import { describe, expect, it } from 'vitest';
import { ReasonCode } from '../packets/reason-code.js';
import { ack, publishPacket, summary } from './harness.fixture.js';
import { SessionHarness } from './session-harness.fixture.js';

describe.each([4, 5] as const)('a session that outlives its connection, at protocol level %i', (version) => {
  it('QoS 1 and 2 wait while nobody is connected, QoS 0 is dropped [MQTT-4.5.0-1]', () => {
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

  it('PUBREL is sent again, and not the PUBLISH before it [MQTT-4.4.0-1, MQTT-4.3.3-4]', () => {
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

  it('the end of the session hands back what the client did not get, in order', () => {
    const client = new SessionHarness(version, { maxOutboundInFlight: 2 });
    client.connect();
    for (const payload of ['a', 'b', 'c', 'd']) client.deliver({ qos: 2, payload });
    client.wire.send(ack('pubrec', 1));
    client.lose();
    expect(client.session.end().map(({ payload }) => String(payload))).toEqual(['b', 'c', 'd']);
    expect(client.finished).toEqual(['a']);
  });
});
