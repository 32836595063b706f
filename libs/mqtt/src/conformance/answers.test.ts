import { describe, expect, it } from 'vitest';
import { connected, connectPacket, Harness, publishPacket } from '../connection/harness.fixture.js';
import type { Packet, Subscription } from '../packets/packet.js';
import { isFailure, ReasonCode } from '../packets/reason-code.js';

/** Every code that the broker may answer with, whatever it answers. */
const FAILURES = Object.values(ReasonCode).filter(isFailure);
const subscription: Subscription = { filter: 'a', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 };

/** The code of an answer that has one. The harness takes no code that is not its packet's own. */
const codesOf = (packets: Packet[]): number[] =>
  packets.flatMap((packet) => ('reasonCodes' in packet ? packet.reasonCodes : 'reasonCode' in packet ? [packet.reasonCode] : []));

describe('whatever the broker says, a failure is told with one of the codes that its answer has:', () => {
  it.each([
    ['to a PUBLISH of QoS 1, PUBACK [MQTT-3.4.2-1]', 1],
    ['to a PUBLISH of QoS 2, PUBREC [MQTT-3.5.2-1]', 2],
  ] as const)('%s', (_answer, qos) => {
    for (const reasonCode of FAILURES) {
      const harness = connected(5);
      harness.send(publishPacket({ qos, packetId: 1 }));
      harness.settle(0, reasonCode);
      const codes = codesOf(harness.received());
      expect(codes.map(isFailure)).toEqual([true]);
    }
  });

  it('to a PUBREL, PUBCOMP [MQTT-3.7.2-1]', () => {
    const harness = connected(5);
    harness.send(publishPacket({ qos: 2, packetId: 1 }));
    harness.settle(0);
    harness.received();
    for (const packetId of [1, 1, 2]) harness.send({ type: 'pubrel', packetId, reasonCode: 0, properties: {} });
    expect(codesOf(harness.received())).toEqual([0, 0x92, 0x92]);
  });

  it('to a PUBREC, PUBREL [MQTT-3.6.2-1]', () => {
    const harness = connected(5);
    harness.deliver({ qos: 2 });
    harness.received();
    harness.send(
      { type: 'pubrec', packetId: 1, reasonCode: 0, properties: {} },
      { type: 'pubcomp', packetId: 1, reasonCode: 0, properties: {} },
    );
    harness.send({ type: 'pubrec', packetId: 1, reasonCode: 0, properties: {} });
    expect(codesOf(harness.received())).toEqual([0, 0x92]);
  });

  it('to a SUBSCRIBE, SUBACK [MQTT-3.9.3-2, MQTT-3.8.4-7]', () => {
    for (const reasonCode of FAILURES) {
      const harness = connected(5);
      harness.send({ type: 'subscribe', packetId: 1, subscriptions: [subscription], properties: {} });
      harness.connection.settleSubscribe(harness.subscribes[0]?.token ?? {}, [reasonCode], harness.now);
      expect(codesOf(harness.received()).map(isFailure)).toEqual([true]);
    }
  });

  it('to an UNSUBSCRIBE, UNSUBACK [MQTT-3.11.3-2]', () => {
    for (const reasonCode of FAILURES) {
      const harness = connected(5);
      harness.send({ type: 'unsubscribe', packetId: 1, filters: ['a'], properties: {} });
      harness.connection.settleUnsubscribe(harness.unsubscribes[0]?.token ?? {}, [reasonCode], harness.now);
      expect(codesOf(harness.received()).map(isFailure)).toEqual([true]);
    }
  });

  it('to a CONNECT, CONNACK [MQTT-3.2.2-8]', () => {
    for (const reasonCode of FAILURES) {
      const harness = new Harness(5);
      harness.send(connectPacket(5));
      harness.connection.refuse(reasonCode, 'refused', harness.now);
      expect(codesOf(harness.received()).map(isFailure)).toEqual([true]);
    }
  });
});

it('AUTH of the server asks for more or says success, and nothing else [MQTT-3.15.2-1]', () => {
  const properties = { authenticationMethod: 'SCRAM' };
  const harness = new Harness(5, { authenticationMethods: ['SCRAM'] });
  harness.send(connectPacket(5, { properties }));
  harness.connection.continueAuthentication(undefined, harness.now);
  harness.send({ type: 'auth', reasonCode: 0x18, properties });
  harness.accept();
  harness.send({ type: 'auth', reasonCode: 0x19, properties });
  harness.connection.continueAuthentication(undefined, harness.now);
  harness.send({ type: 'auth', reasonCode: 0x18, properties });
  harness.connection.reauthenticated(undefined);
  expect(harness.received().filter(({ type }) => type === 'auth')).toMatchObject([0x18, 0x18, 0].map((reasonCode) => ({ reasonCode })));
});

describe.each([4, 5] as const)('at protocol level %i', (version) => {
  it.each([
    ['accepts a new session', 0, (harness: Harness) => harness.accept()],
    ['resumes one', 1, (harness: Harness) => harness.accept({ sessionPresent: true })],
    ['refuses', 0, (harness: Harness) => harness.connection.refuse(ReasonCode.NotAuthorized, 'no', harness.now)],
  ])('the flags of a CONNACK that %s are %i: bits 7 to 1 are 0 [MQTT-3.2.2-1]', (_what, flags, answer) => {
    const harness = new Harness(version);
    harness.send(connectPacket(version, { cleanStart: false }));
    answer(harness);
    const [header, , acknowledgeFlags] = Buffer.concat(harness.connection.takeOutput());
    expect([header, acknowledgeFlags]).toEqual([0x20, flags]);
  });
});
