import { describe, expect, it } from 'vitest';
import { ReasonCode } from '../../packets/reason-code.js';
import { SessionHarness } from '../../session/session-harness.fixture.js';
import { connected, ids, publishPacket, pubrel } from '../harness.fixture.js';

describe('Receive Maximum', () => {
  it('in 5.0 one PUBLISH above it is 0x93 [MQTT-3.3.4-7]', () => {
    const harness = connected(5, {}, { receiveMaximum: 2 });
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2, qos: 2 }), publishPacket({ packetId: 3 }));
    expect(harness.received()).toMatchObject([{ type: 'disconnect', reasonCode: 0x93 }]);
    expect(harness.end).toMatchObject({ cause: 'protocol_error', reasonCode: ReasonCode.ReceiveMaximumExceeded });
    expect(harness.publishes).toHaveLength(2);
  });

  it('a QoS 2 exchange counts until PUBCOMP, a QoS 0 publish never', () => {
    const harness = connected(5, {}, { receiveMaximum: 1 });
    harness.send(publishPacket({ packetId: 1, qos: 2 }), publishPacket({ qos: 0 }));
    harness.settle(0);
    harness.send(pubrel(1), publishPacket({ packetId: 2 }));
    expect(ids(harness)).toEqual(['pubrec 1', 'pubcomp 1']);
    harness.settle(2);
    harness.send(publishPacket({ packetId: 3, qos: 2 }));
    harness.settle(3);
    expect(ids(harness)).toEqual(['puback 2', 'pubrec 3']);
    harness.send(publishPacket({ packetId: 4 }));
    expect(harness.end?.reasonCode).toBe(ReasonCode.ReceiveMaximumExceeded);
  });

  it('a QoS 2 publish that is repeated on the next connection counts there, once, until its PUBCOMP [MQTT-3.3.4-7]', () => {
    const client = new SessionHarness(5, { receiveMaximum: 2 });
    const repeated = (packetId: number) => publishPacket({ packetId, qos: 2, dup: true });
    const before = client.connect();
    before.send(publishPacket({ packetId: 1, qos: 2 }), publishPacket({ packetId: 2, qos: 2 }));
    before.settle(0);
    before.settle(1);
    client.lose();
    const harness = client.connect();
    harness.received();
    harness.send(repeated(1), repeated(1), repeated(2), pubrel(1), publishPacket({ packetId: 3 }));
    expect(ids(harness)).toEqual(['pubrec 1', 'pubrec 1', 'pubrec 2', 'pubcomp 1']);
    expect(harness.end).toBeUndefined();
    harness.send(publishPacket({ packetId: 4 }));
    expect(harness.end?.reasonCode).toBe(ReasonCode.ReceiveMaximumExceeded);
  });

  it('a QoS 2 publish that is repeated on the next connection when there is no place for it is 0x93 [MQTT-3.3.4-7]', () => {
    const client = new SessionHarness(5, { receiveMaximum: 1 });
    client.connect().send(publishPacket({ packetId: 1, qos: 2 }));
    client.wire.settle(0);
    client.lose();
    client.connect().send(publishPacket({ packetId: 2, qos: 2 }), publishPacket({ packetId: 1, qos: 2, dup: true }));
    expect(client.wire.end?.reasonCode).toBe(ReasonCode.ReceiveMaximumExceeded);
  });

  it('a refused QoS 1 or 2 publish frees its place [MQTT-4.3.3-9]', () => {
    const harness = connected(5, {}, { receiveMaximum: 1 });
    for (const packetId of [1, 2, 3]) harness.send(publishPacket({ packetId, qos: 2, topic: 'refused/x' }));
    harness.send(publishPacket({ packetId: 1, qos: 2 }));
    expect(harness.publishes).toHaveLength(1);
    expect(harness.end).toBeUndefined();
  });

  it('3.1.1 is no longer read with one PUBLISH above it, and nothing behind it is answered until there is room', () => {
    const harness = connected(4, {}, { receiveMaximum: 2, readAheadBytes: 0 });
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2 }));
    expect(harness.reading).toBe(true);
    harness.send(publishPacket({ packetId: 3 }), { type: 'pingreq' });
    expect(harness.reading).toBe(false);
    expect(harness.publishes).toHaveLength(2);
    harness.settle(0);
    expect(ids(harness)).toEqual(['puback 1', 'pingresp']);
    expect(harness.reading).toBe(true);
    expect(harness.publishes).toHaveLength(3);
    expect(harness.end).toBeUndefined();
  });

  it('3.1.1 is not stuck by QoS 2 exchanges whose PUBREL is still to come', () => {
    const harness = connected(4, {}, { receiveMaximum: 1 });
    harness.send(publishPacket({ packetId: 1, qos: 2 }), publishPacket({ packetId: 2, qos: 2 }), pubrel(1));
    harness.settle(0);
    harness.settle(1);
    expect(ids(harness)).toEqual(['pubrec 1', 'pubcomp 1', 'pubrec 2']);
  });
});
