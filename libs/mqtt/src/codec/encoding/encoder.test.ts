import { describe, expect, it } from 'vitest';
import type { Packet, Publish } from '../../packets/packet.js';
import { NO_PROPERTIES, type Properties } from '../../packets/properties.js';
import { bytesOf } from '../refused.fixture.js';
import { Encoder, encode } from './encoder.js';

const reasonString = 'why this happened';
const userProperties = [['name', 'value']] as const;

function publish(overrides: Partial<Publish> = {}): Publish {
  const payload = Buffer.from('payload');
  return {
    type: 'publish',
    topic: 'a/b',
    payload,
    qos: 1,
    retain: false,
    dup: false,
    packetId: 7,
    properties: NO_PROPERTIES,
    ...overrides,
  };
}

/** What is written to a peer that accepts this much; undefined: nothing. */
function written(packet: Packet, maxPacketBytes: number): Buffer | undefined {
  const encoder = new Encoder(5, maxPacketBytes);
  return encoder.write(packet) ? Buffer.concat(encoder.take()) : undefined;
}

/** Packets that carry no more than this, and their statements. */
const SHORT = [
  ['CONNACK leaves out a reason string [MQTT-3.2.2-19]', 'CONNACK leaves out user properties [MQTT-3.2.2-20]', '20 ~ 00 87 00', 'connack'],
  ['PUBACK leaves out a reason string [MQTT-3.4.2-2]', 'PUBACK leaves out user properties [MQTT-3.4.2-3]', '40 ~ 0001 87', 'puback'],
  ['PUBREC leaves out a reason string [MQTT-3.5.2-2]', 'PUBREC leaves out user properties [MQTT-3.5.2-3]', '50 ~ 0001 87', 'pubrec'],
  ['PUBREL leaves out a reason string [MQTT-3.6.2-2]', 'PUBREL leaves out user properties [MQTT-3.6.2-3]', '62 ~ 0001 92', 'pubrel'],
  ['PUBCOMP leaves out a reason string [MQTT-3.7.2-2]', 'PUBCOMP leaves out user properties [MQTT-3.7.2-3]', '70 ~ 0001 92', 'pubcomp'],
  ['SUBACK leaves out a reason string [MQTT-3.9.2-1]', 'SUBACK leaves out user properties [MQTT-3.9.2-2]', '90 ~ 0001 00 87', 'suback'],
  [
    'UNSUBACK leaves out a reason string [MQTT-3.11.2-1]',
    'UNSUBACK leaves out user properties [MQTT-3.11.2-2]',
    'b0 ~ 0001 00 87',
    'unsuback',
  ],
  [
    'DISCONNECT leaves out a reason string [MQTT-3.14.2-3]',
    'DISCONNECT leaves out user properties [MQTT-3.14.2-4]',
    'e0 ~ 87',
    'disconnect',
  ],
  ['AUTH leaves out a reason string [MQTT-3.15.2-2]', 'AUTH leaves out user properties [MQTT-3.15.2-3]', 'f0 ~ 18 04 15 "m"', 'auth'],
] as const;
type ShortType = (typeof SHORT)[number][3];

function refusal(type: ShortType, diagnostics: Properties): Packet {
  const properties = type === 'auth' ? { authenticationMethod: 'm', ...diagnostics } : diagnostics;
  const reasonCode = type === 'auth' ? 0x18 : type === 'pubrel' || type === 'pubcomp' ? 0x92 : 0x87;
  return { type, packetId: 1, sessionPresent: false, reasonCode, reasonCodes: [reasonCode], properties } as unknown as Packet;
}

describe('towards a client of a small Maximum Packet Size', () => {
  it.each(SHORT)('%s', (_reason, _pairs, bare, type) => {
    const packet = refusal(type, { reasonString });
    expect(written(packet, 20)).toEqual(bytesOf(bare, 5));
    expect(written(packet, 100)).toEqual(encode(packet, 5));
  });

  it.each(SHORT.map(([, pairs, bare, type]) => [pairs, bare, type] as const))('%s', (_pairs, bare, type) => {
    const packet = refusal(type, { userProperties: [...userProperties, ['another', 'value']] });
    expect(written(packet, 20)).toEqual(bytesOf(bare, 5));
    expect(written(packet, 100)).toEqual(encode(packet, 5));
  });

  it('no packet above it is written [MQTT-3.1.2-24]', () => {
    const packets: Packet[] = [publish(), publish({ properties: { userProperties } }), refusal('suback', {}), refusal('puback', {})];
    for (const packet of packets) {
      const bytes = encode(packet, 5);
      expect(written(packet, bytes.length)).toEqual(bytes);
      expect(written(packet, bytes.length - 1)).toBeUndefined();
    }
  });

  it('an acknowledgement is four bytes, and is not written to who accepts three', () => {
    const ack: Packet = { type: 'puback', packetId: 1, reasonCode: 0, properties: NO_PROPERTIES };
    expect(written(ack, 4)).toEqual(bytesOf('40 ~ 0001', 5));
    expect(written(ack, 3)).toBeUndefined();
  });
});

describe.each([4, 5] as const)('PUBLISH of protocol level %i', (version) => {
  it('begins with its topic [MQTT-3.3.2-1]', () => {
    expect(encode(publish(), version)).toEqual(bytesOf(`32 ~ "a/b" 0007 P ${Buffer.from('payload').toString('hex')}`, version));
  });

  it('has no packet identifier with QoS 0 [MQTT-2.2.1-2]', () => {
    expect(encode(publish({ qos: 0, payload: Buffer.alloc(0) }), version)).toEqual(bytesOf('30 ~ "a/b" P', version));
  });

  it('whose topic no packet can hold is not written', () => {
    const encoder = new Encoder(version);
    expect(encoder.write(publish({ topic: 'a'.repeat(65_536) }))).toBe(false);
    expect(encoder.write(publish({ topic: 'ü'.repeat(32_768) }))).toBe(false);
    expect(encoder.empty).toBe(true);
    expect(encoder.write(publish({ topic: 'a'.repeat(65_535) }))).toBe(true);
  });

  it('is written as long as it is, at every step of its length', () => {
    for (const topic of ['a', 'ü', '日本', 'x'.repeat(200), 'ü'.repeat(200)]) {
      for (const bytes of [0, 1, 100, 127, 128, 2047, 2048, 16_383, 16_384, 2_097_152]) {
        const packet = publish({ topic, payload: Buffer.alloc(bytes, 0x61) });
        const expected = Buffer.concat([bodyStart(topic, version), packet.payload]);
        const stream = encode(packet, version);
        expect(stream.subarray(stream.length - expected.length).equals(expected)).toBe(true);
        expect(stream.length - expected.length).toBeLessThanOrEqual(5);
      }
    }
  });
});

it('packets leave in the order in which they were written, large payloads too', () => {
  const encoder = new Encoder(4);
  const packets = [publish(), publish({ payload: Buffer.alloc(5000, 1) }), publish({ packetId: 8 }), { type: 'pingresp' } as const];
  for (const packet of packets) encoder.write(packet);
  expect(Buffer.concat(encoder.take())).toEqual(Buffer.concat(packets.map((packet) => encode(packet, 4))));
  expect(encoder.empty).toBe(true);
});

/** Topic, packet identifier 7, no properties. */
function bodyStart(topic: string, version: 4 | 5): Buffer {
  const text = Buffer.from(topic);
  const end = version === 5 ? [0, 7, 0] : [0, 7];
  return Buffer.concat([Buffer.of(text.length >> 8, text.length & 0xff), text, Buffer.from(end)]);
}
