import { describe, expect, it } from 'vitest';
import { connected, ids, publishPacket } from '../harness.fixture.js';

describe.each([4, 5] as const)('publishes that are stored together, at protocol level %i,', (version) => {
  it('are acknowledged together, and after what came before them [MQTT-4.6.0-2]', () => {
    const harness = connected(version);
    harness.send(...[1, 2, 3, 4, 5].map((packetId) => publishPacket({ packetId })));
    harness.settleStored(1, 3);
    expect(ids(harness)).toEqual([]);
    harness.settle(0);
    expect(ids(harness)).toEqual(['puback 1', 'puback 2', 'puback 3', 'puback 4']);
    harness.settleStored(4, 1);
    expect(ids(harness)).toEqual(['puback 5']);
  });

  it('make room for what waited', () => {
    const harness = connected(version, {}, { maxUnacknowledgedBytes: 1 });
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2 }));
    expect(harness.publishes).toHaveLength(1);
    harness.settleStored(0, 1);
    expect(harness.publishes).toHaveLength(2);
    expect(ids(harness)).toEqual(['puback 1']);
  });

  it('are not acknowledged on a connection that has ended; the session knows of those of QoS 2', () => {
    const harness = connected(version);
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2, qos: 2 }));
    harness.connection.socketClosed();
    harness.settleStored(0, 2);
    expect(ids(harness)).toEqual([]);
    expect(harness.session.received.get(2)).toBe('stored');
  });

  it('are complete when what was at hand is decoded, and when one that found no room has come in', () => {
    const harness = connected(version, {}, { maxUnacknowledgedBytes: 100 });
    const { caughtUpAfter } = harness;
    caughtUpAfter.length = 0;
    harness.send(publishPacket({ packetId: 1 }), publishPacket({ packetId: 2, payload: Buffer.alloc(100) }));
    expect(caughtUpAfter).toEqual([1]);
    harness.settleStored(0, 1);
    expect(caughtUpAfter).toEqual([1, 2]);
  });
});
