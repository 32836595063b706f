import { describe, expect, it } from 'vitest';
import { bytesOf, type Case, decode, expectRefusal, MALFORMED, PROTOCOL_ERROR, TOPIC_NAME_INVALID } from '../refused.fixture.js';
import { Decoder } from './decoder.js';

const BOTH: Case[] = [
  ['a fifth byte of remaining length', '30 ff ff ff ff', MALFORMED],
  ['packet type 0, from its first byte [MQTT-2.1.3-1]', '00', MALFORMED],
  ['reserved flags of CONNECT, from the first byte [MQTT-2.1.3-1]', '11', MALFORMED],
  ['reserved flags of CONNACK, from the first byte [MQTT-2.1.3-1]', '21', MALFORMED],
  ['QoS 3 in PUBLISH, from its first byte [MQTT-3.3.1-4]', '36', MALFORMED],
  ['DUP with QoS 0, from the first byte [MQTT-3.3.1-2]', '38', PROTOCOL_ERROR],
  ['DUP and RETAIN with QoS 0 [MQTT-3.3.1-2]', '39', PROTOCOL_ERROR],
  ['reserved flags of PUBACK, from the first byte [MQTT-2.1.3-1]', '41', MALFORMED],
  ['reserved flags of PUBREC, from the first byte [MQTT-2.1.3-1]', '52', MALFORMED],
  ['PUBREL flags 0000, from the first byte [MQTT-3.6.1-1]', '60', MALFORMED],
  ['PUBREL flags 0011, from the first byte [MQTT-3.6.1-1]', '63', MALFORMED],
  ['reserved flags of PUBCOMP, from the first byte [MQTT-2.1.3-1]', '72', MALFORMED],
  ['SUBSCRIBE flags 0000, from the first byte [MQTT-3.8.1-1]', '80', MALFORMED],
  ['SUBSCRIBE flags 0011, from the first byte [MQTT-3.8.1-1]', '83', MALFORMED],
  ['reserved flags of SUBACK, from the first byte [MQTT-2.1.3-1]', '92', MALFORMED],
  ['UNSUBSCRIBE flags 0000, from the first byte [MQTT-3.10.1-1]', 'a0', MALFORMED],
  ['UNSUBSCRIBE flags 1010, from the first byte [MQTT-3.10.1-1]', 'aa', MALFORMED],
  ['reserved flags of UNSUBACK, from the first byte [MQTT-2.1.3-1]', 'b2', MALFORMED],
  ['reserved flags of PINGREQ, from the first byte [MQTT-2.1.3-1]', 'c1', MALFORMED],
  ['reserved flags of PINGRESP, from the first byte [MQTT-2.1.3-1]', 'd8', MALFORMED],
  ['reserved flags of DISCONNECT, from the first byte [MQTT-3.14.1-1]', 'e1', MALFORMED],
  ['PINGREQ with a length, from its header', 'c0 01', MALFORMED],
  ['PINGRESP with a length, from its header', 'd0 01', MALFORMED],
  ['PUBACK of one byte', '40 ~ 00', MALFORMED],
  ['PUBREL without a packet identifier', '62 00', MALFORMED],
  ['packet identifier 0 in PUBACK [MQTT-2.2.1-5]', '40 ~ 0000', PROTOCOL_ERROR],
  ['packet identifier 0 in PUBREC [MQTT-2.2.1-5]', '50 ~ 0000', PROTOCOL_ERROR],
  ['packet identifier 0 in PUBREL [MQTT-2.2.1-5]', '62 ~ 0000', PROTOCOL_ERROR],
  ['packet identifier 0 in PUBCOMP [MQTT-2.2.1-5]', '70 ~ 0000', PROTOCOL_ERROR],
  ['packet identifier 0 in a QoS 1 PUBLISH [MQTT-2.2.1-3]', '32 ~ "a" 0000 P', PROTOCOL_ERROR],
  ['packet identifier 0 in a QoS 2 PUBLISH [MQTT-2.2.1-3]', '34 ~ "a" 0000 P', PROTOCOL_ERROR],
  ['packet identifier 0 in SUBSCRIBE [MQTT-2.2.1-3]', '82 ~ 0000 P "a" 00', PROTOCOL_ERROR],
  ['packet identifier 0 in UNSUBSCRIBE [MQTT-2.2.1-3]', 'a2 ~ 0000 P "a"', PROTOCOL_ERROR],
  ['a QoS 1 PUBLISH without a packet identifier [MQTT-2.2.1-3]', '32 ~ "a"', MALFORMED],
  ['a PUBLISH without a topic [MQTT-3.3.2-1]', '30 00', MALFORMED],
  ['a topic that runs past the packet [MQTT-3.3.2-1]', '30 ~ 0005 61', MALFORMED],
  ['a topic that is no UTF-8 [MQTT-3.3.2-1]', '30 ~ 0001 ff P', MALFORMED],
  ['a topic with # [MQTT-3.3.2-2]', '30 ~ "#" P', TOPIC_NAME_INVALID],
  ['a topic with + [MQTT-3.3.2-2]', '30 ~ "a/+" P', TOPIC_NAME_INVALID],
  ['U+0000 in a topic [MQTT-1.5.4-2]', '30 ~ 0003 610062 P', MALFORMED],
  ['U+0000 in a filter of SUBSCRIBE [MQTT-1.5.4-2]', '82 ~ 0001 P 0001 00 00', MALFORMED],
  ['U+0000 in a filter of UNSUBSCRIBE [MQTT-1.5.4-2]', 'a2 ~ 0001 P 0001 00', MALFORMED],
  ['a surrogate in a topic [MQTT-1.5.4-1]', '30 ~ 0003 eda080 P', MALFORMED],
  ['an encoded pair of surrogates in a topic [MQTT-1.5.4-1]', '30 ~ 0006 eda080edb080 P', MALFORMED],
  ['an overlong form of two bytes [MQTT-1.5.4-1]', '30 ~ 0002 c0af P', MALFORMED],
  ['an overlong form of three bytes [MQTT-1.5.4-1]', '30 ~ 0003 e080af P', MALFORMED],
  ['an overlong form of four bytes [MQTT-1.5.4-1]', '30 ~ 0004 f08080af P', MALFORMED],
  ['a character above U+10FFFF [MQTT-1.5.4-1]', '30 ~ 0004 f4908080 P', MALFORMED],
  ['a character that is cut off [MQTT-1.5.4-1]', '30 ~ 0002 61c3 P', MALFORMED],
  ['a continuation byte without a character [MQTT-1.5.4-1]', '30 ~ 0001 80 P', MALFORMED],
  ['a surrogate in a filter of SUBSCRIBE [MQTT-3.8.3-1]', '82 ~ 0001 P 0003 eda080 00', MALFORMED],
  ['a surrogate in a filter of UNSUBSCRIBE [MQTT-3.10.3-1]', 'a2 ~ 0001 P 0003 eda080', MALFORMED],
  ['SUBSCRIBE without a filter [MQTT-3.8.3-2]', '82 ~ 0001 P', PROTOCOL_ERROR],
  ['SUBSCRIBE with a filter and no options byte [MQTT-3.8.3-2]', '82 ~ 0001 P "a"', MALFORMED],
  ['SUBSCRIBE with two filters and no second options byte [MQTT-3.8.3-2]', '82 ~ 0001 P "a" 00 "b"', MALFORMED],
  ['a filter that runs past SUBSCRIBE [MQTT-3.8.3-1]', '82 ~ 0001 P 0005 61 00', MALFORMED],
  ['an empty filter in SUBSCRIBE [MQTT-4.7.3-1]', '82 ~ 0001 P 0000 00', MALFORMED],
  ['an empty filter as one of several [MQTT-4.7.3-1]', '82 ~ 0001 P "a" 00 0000 00', MALFORMED],
  ['UNSUBSCRIBE without a filter [MQTT-3.10.3-2]', 'a2 ~ 0001 P', PROTOCOL_ERROR],
  ['an empty filter in UNSUBSCRIBE [MQTT-4.7.3-1]', 'a2 ~ 0001 P 0000', MALFORMED],
  ['an empty filter as one of several in UNSUBSCRIBE [MQTT-4.7.3-1]', 'a2 ~ 0001 P "a" 0000', MALFORMED],
  ['bytes behind the filters of UNSUBSCRIBE', 'a2 ~ 0001 P "a" 00', MALFORMED],
  ['acknowledge flags above 1 in CONNACK [MQTT-3.2.2-1]', '20 ~ 02 00 P', MALFORMED],
  ['a session that is present on a refused connection [MQTT-3.2.2-6]', '20 ~ 01 05 P', PROTOCOL_ERROR],
  ['a SUBACK without a code [MQTT-3.8.4-6]', '90 ~ 0001 P', PROTOCOL_ERROR],
];

const ONLY_311: Case[] = [
  ['an empty topic name [v3 MQTT-4.7.3-1]', '30 ~ 0000', PROTOCOL_ERROR],
  ['AUTH, from its first byte', 'f0', MALFORMED],
  ['PUBACK of three bytes, from its header', '40 03', MALFORMED],
  ['PUBREC of three bytes, from its header', '50 03', MALFORMED],
  ['PUBREL of three bytes, from its header', '62 03', MALFORMED],
  ['PUBCOMP of three bytes, from its header', '70 03', MALFORMED],
  ['UNSUBACK of three bytes, from its header', 'b0 03', MALFORMED],
  ['CONNACK of three bytes, from its header', '20 03', MALFORMED],
  ['DISCONNECT with a body, from its header', 'e0 01', MALFORMED],
  ['SUBSCRIBE without a filter [v3 MQTT-3.8.3-3]', '82 ~ 0001', PROTOCOL_ERROR],
  ['reserved bits beside the requested QoS [v3 MQTT-3.8.3-4]', '82 ~ 0001 "a" 04', MALFORMED],
  ['a requested QoS of 3 [v3 MQTT-3.8.3-4]', '82 ~ 0001 "a" 03', MALFORMED],
  ['UNSUBSCRIBE without a filter [v3 MQTT-3.10.3-2]', 'a2 ~ 0001', PROTOCOL_ERROR],
  ['a topic with a wildcard [v3 MQTT-3.3.2-2]', '30 ~ "a/#"', TOPIC_NAME_INVALID],
  ['SUBACK with another code than 0, 1, 2, 0x80 [v3 MQTT-3.9.3-2]', '90 ~ 0001 87', PROTOCOL_ERROR],
  ['CONNACK with a return code above 5', '20 ~ 00 06', PROTOCOL_ERROR],
];

const ONLY_5: Case[] = [
  ['a remaining length longer than needed [MQTT-1.5.5-1]', 'c0 80 00', MALFORMED],
  ['a remaining length of three bytes for two [MQTT-1.5.5-1]', '30 80 81 00', MALFORMED],
  ['an empty topic without an alias', '30 ~ 0000 00', PROTOCOL_ERROR],
  ['a QoS 0 PUBLISH whose properties are missing', '30 ~ "a"', MALFORMED],
  ['SUBSCRIBE whose properties are missing', '82 ~ 0001', MALFORMED],
  ['reserved subscription options, bit 6 [MQTT-3.8.3-5]', '82 ~ 0001 00 "a" 40', MALFORMED],
  ['reserved subscription options, bit 7 [MQTT-3.8.3-5]', '82 ~ 0001 00 "a" 80', MALFORMED],
  ['a subscription with QoS 3', '82 ~ 0001 00 "a" 03', PROTOCOL_ERROR],
  ['retain handling 3', '82 ~ 0001 00 "a" 30', PROTOCOL_ERROR],
  ['No Local on a shared subscription [MQTT-3.8.3-4]', '82 ~ 0001 00 "$share/g/a" 04', PROTOCOL_ERROR],
  ['reserved flags of AUTH, from the first byte [MQTT-3.15.1-1]', 'f2', MALFORMED],
  ['AUTH without properties behind its reason code', 'f0 ~ 18', MALFORMED],
  ['AUTH without a method', 'f0 ~ 18 00', PROTOCOL_ERROR],
  ['AUTH with data and no method', 'f0 ~ 18 04 16 "a"', PROTOCOL_ERROR],
  ['UNSUBACK without a code [MQTT-3.11.3-1]', 'b0 ~ 0001 00', PROTOCOL_ERROR],
  ['CONNACK with authentication data and no method', '20 ~ 00 00 04 16 "a"', PROTOCOL_ERROR],
  ['bytes behind the properties of PUBACK', '40 ~ 0001 00 00 00', MALFORMED],
  ['bytes behind the properties of PUBREC', '50 ~ 0001 00 00 00', MALFORMED],
  ['bytes behind the properties of PUBREL', '62 ~ 0001 00 00 00', MALFORMED],
  ['bytes behind the properties of PUBCOMP', '70 ~ 0001 00 00 00', MALFORMED],
  ['bytes behind the properties of DISCONNECT', 'e0 ~ 00 00 00', MALFORMED],
  ['bytes behind the properties of AUTH', 'f0 ~ 18 04 15 "a" 00', MALFORMED],
  ['bytes behind the properties of CONNACK', '20 ~ 00 00 00 00', MALFORMED],
];

describe.each([4, 5] as const)('refused at protocol level %i', (version) => {
  it.each(BOTH)('%s', (_guarantee, bytes, reasonCode) => expectRefusal(bytes, version, reasonCode));
});

describe('refused in 3.1.1', () => {
  it.each(ONLY_311)('%s', (_guarantee, bytes, reasonCode) => expectRefusal(bytes, 4, reasonCode));
});

describe('refused in 5.0', () => {
  it.each(ONLY_5)('%s', (_guarantee, bytes, reasonCode) => expectRefusal(bytes, 5, reasonCode));
});

describe.each([4, 5] as const)('accepted at protocol level %i', (version) => {
  it('a BOM is kept [MQTT-1.5.4-3]', () => {
    expect(decode(bytesOf('30 ~ 0004 efbbbf61 P', version), version)).toMatchObject({ topic: '\uFEFFa' });
  });

  it('a QoS 0 PUBLISH has no packet identifier: what follows is payload [MQTT-2.2.1-2]', () => {
    const payload = Buffer.from('0007', 'hex');
    expect(decode(bytesOf('30 ~ "a" P 0007', version), version)).toMatchObject({ packetId: 0, payload });
  });

  it('QoS 0, 1 and 2 of a subscription', () => {
    const subscriptions = [0, 1, 2].map((qos) => expect.objectContaining({ filter: 'a', qos }));
    expect(decode(bytesOf('82 ~ 0001 P "a" 00 "a" 01 "a" 02', version), version)).toMatchObject({ subscriptions });
  });
});

it('3.1.1 takes a remaining length longer than needed, up to four bytes', () => {
  expect(decode(bytesOf('c0 80 80 00', 4), 4)).toEqual({ type: 'pingreq' });
  expect(decode(bytesOf('30 85 80 80 00 0001 61 6263', 4), 4)).toMatchObject({ topic: 'a', payload: Buffer.from('bc') });
});

it('a 5.0 acknowledgement may leave out its reason code and its properties', () => {
  expect(decode(bytesOf('40 ~ 0001', 5), 5)).toMatchObject({ packetId: 1, reasonCode: 0 });
  expect(decode(bytesOf('40 ~ 0001 10', 5), 5)).toMatchObject({ packetId: 1, reasonCode: 0x10 });
  expect(decode(bytesOf('e0 00', 5), 5)).toMatchObject({ reasonCode: 0 });
  expect(decode(bytesOf('e0 01 04', 5), 5)).toMatchObject({ reasonCode: 4 });
  expect(decode(bytesOf('f0 00', 5), 5)).toMatchObject({ reasonCode: 0 });
});

describe('limits', () => {
  it('a packet above the maximum is 0x95 from its header alone [MQTT-3.2.2-15]', () => {
    expect(decode(bytesOf('30 64', 5), 5, 101)).toMatchObject({
      type: 'protocol-error',
      reasonCode: 0x95,
      detail: 'a packet of 102 bytes; 101 are the most that is taken',
    });
    expect(decode(bytesOf('30 64', 5), 5, 102)).toBeUndefined();
  });

  it('a payload that lies in one chunk is not copied', () => {
    const chunk = Buffer.from('3004000161aa', 'hex');
    const decoder = new Decoder({ maxPacketBytes: 100, protocolVersion: 4 });
    decoder.push(chunk);
    const packet = decoder.next();
    expect(packet?.type === 'publish' && packet.payload.buffer).toBe(chunk.buffer);
  });
});
