import { describe, expect, it } from 'vitest';
import type { Connect } from '../../packets/packet.js';
import { ReasonCode } from '../../packets/reason-code.js';
import { connectPacket, Harness, publishPacket, pubrel } from '../harness.fixture.js';

describe('what an ack says beside its code', () => {
  const properties = { userProperties: [['receipt', 'fleet.location/1/2']] } as const;
  const acks = (harness: Harness) =>
    harness.received().map((packet) => ('properties' in packet ? [packet.type, packet.properties] : packet));
  const settleWith = (harness: Harness) => {
    const token = harness.publishes.at(-1)?.token;
    if (token === undefined) throw new Error('no publish came');
    harness.connection.settlePublish(token, ReasonCode.Success, harness.now, properties);
  };
  const opened = (version: 4 | 5, asked: Connect['properties'] = {}) => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { properties: asked }));
    harness.accept();
    harness.received();
    return harness;
  };

  it('leaves with PUBACK and PUBREC, and again with a PUBREC that is repeated', () => {
    const harness = opened(5);
    harness.send(publishPacket({ packetId: 1 }));
    settleWith(harness);
    harness.send(publishPacket({ qos: 2, packetId: 2 }));
    settleWith(harness);
    harness.send(publishPacket({ qos: 2, packetId: 2, dup: true }));
    expect(acks(harness)).toEqual([
      ['puback', properties],
      ['pubrec', properties],
      ['pubrec', properties],
    ]);
    harness.send(pubrel(2), publishPacket({ qos: 2, packetId: 2 }));
    harness.settle(2);
    expect(acks(harness)).toEqual([
      ['pubcomp', {}],
      ['pubrec', {}],
    ]);
  });

  it('says why, where a publish was refused and the broker tells it', () => {
    const harness = opened(5);
    harness.refusedBecause = 'not yours';
    harness.send(publishPacket({ topic: 'refused/x', packetId: 1 }), publishPacket({ topic: 'refused/x', qos: 2, packetId: 2 }));
    harness.refusedBecause = undefined;
    harness.send(publishPacket({ topic: 'refused/x', packetId: 3 }));
    expect(acks(harness)).toEqual([
      ['puback', { reasonString: 'not yours' }],
      ['pubrec', { reasonString: 'not yours' }],
      ['puback', {}],
    ]);
  });

  it('says nothing of a refusal when the identifier of what was refused brings a message that is stored', () => {
    const harness = opened(5);
    harness.refusedBecause = 'not yours';
    harness.send(publishPacket({ topic: 'refused/x', qos: 2, packetId: 1 }), publishPacket({ qos: 2, packetId: 1 }));
    harness.settle(0);
    harness.send(publishPacket({ qos: 2, packetId: 1, dup: true }));
    expect(acks(harness)).toEqual([
      ['pubrec', { reasonString: 'not yours' }],
      ['pubrec', {}],
      ['pubrec', {}],
    ]);
  });

  it.each([
    [5, { requestProblemInformation: false }],
    [5, { maximumPacketSize: 100 }],
  ] as const)('does not say why at level %d to a client with %o [MQTT-3.1.2-29, MQTT-3.4.2-2]', (version, asked) => {
    const harness = opened(version, asked);
    harness.refusedBecause = 'not yours';
    harness.send(publishPacket({ topic: 'refused/x', packetId: 1 }));
    expect(acks(harness)).toEqual([['puback', {}]]);
  });

  it.each([
    [4, {}],
    [5, { requestProblemInformation: false }],
    [5, { maximumPacketSize: 100 }],
  ] as const)('is left out at level %d for a client with %o [MQTT-3.1.2-29, MQTT-3.4.2-3]', (version, asked) => {
    const harness = opened(version, asked);
    harness.send(publishPacket({ packetId: 1 }));
    settleWith(harness);
    expect(acks(harness)).toEqual([['puback', {}]]);
  });
});
