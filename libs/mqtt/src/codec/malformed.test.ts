import { describe, expect, it } from 'vitest';
import type { Packet, ProtocolVersion } from '../packets/packet.js';
import type { ProtocolError } from '../packets/protocol-error.js';
import { Decoder } from './decoder.js';

function decode(hex: string, version: ProtocolVersion | undefined, maxPacketBytes = 1 << 20): Packet | ProtocolError | undefined {
  const decoder = new Decoder({ maxPacketBytes, ...(version === undefined ? {} : { protocolVersion: version }) });
  decoder.push(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const result = decoder.next();
  if (result?.type === 'protocol-error') expect(decoder.next()).toBeUndefined();
  return result;
}

type Case = readonly [statement: string, hex: string, reasonCode: number];

const MALFORMED = 0x81;
const PROTOCOL_ERROR = 0x82;

const BOTH: Case[] = [
  ['a fifth byte of remaining length', '30 ff ff ff ff', MALFORMED],
  ['packet type 0, from its first byte', '00', MALFORMED],
  ['MQTT-3.3.1-4: PUBLISH with QoS 3, from its first byte', '36', MALFORMED],
  ['MQTT-3.3.1-2: DUP with QoS 0', '38', PROTOCOL_ERROR],
  ['MQTT-3.6.1-1: PUBREL flags other than 0010', '60', MALFORMED],
  ['MQTT-3.8.1-1: SUBSCRIBE flags other than 0010', '80', MALFORMED],
  ['MQTT-3.10.1-1: UNSUBSCRIBE flags other than 0010', 'a0', MALFORMED],
  ['MQTT-2.1.3-1: PUBACK with reserved flags', '41', MALFORMED],
  ['MQTT-2.1.3-1: PINGREQ with reserved flags', 'c1', MALFORMED],
  ['PINGREQ with a length', 'c0 01 00', MALFORMED],
  ['PINGRESP with a length', 'd0 01 00', MALFORMED],
  ['PUBACK of one byte', '40 01 00', MALFORMED],
  ['MQTT-2.2.1-3: packet identifier 0 in PUBACK', '40 02 00 00', PROTOCOL_ERROR],
  ['MQTT-2.2.1-3: packet identifier 0 in PUBREC', '50 02 00 00', PROTOCOL_ERROR],
  ['MQTT-2.2.1-3: packet identifier 0 in PUBREL', '62 02 00 00', PROTOCOL_ERROR],
  ['MQTT-2.2.1-3: packet identifier 0 in PUBCOMP', '70 02 00 00', PROTOCOL_ERROR],
  ['MQTT-2.2.1-3: packet identifier 0 in PUBLISH', '32 05 0001 61 0000', PROTOCOL_ERROR],
  ['MQTT-1.5.4-2: U+0000 in a topic', '30 03 0001 00', MALFORMED],
  ['MQTT-1.5.4-1: a surrogate in a topic', '30 05 0003 eda080', MALFORMED],
  ['MQTT-1.5.4-1: an overlong form in a topic', '30 04 0002 c0af', MALFORMED],
  ['a topic that runs past the packet', '30 03 0005 61', MALFORMED],
];

const ONLY_311: Case[] = [
  ['MQTT-3.3.2-2: a topic with #', '30 03 0001 23', 0x90],
  ['MQTT-3.3.2-2: a topic with +', '30 03 0001 2b', 0x90],
  ['an empty topic name', '30 02 0000', PROTOCOL_ERROR],
  ['AUTH', 'f0', MALFORMED],
  ['v3 3.4: PUBACK of three bytes', '40 03 0001 00', MALFORMED],
  ['v3 3.5: PUBREC of three bytes', '50 03 0001 00', MALFORMED],
  ['v3 3.6: PUBREL of three bytes', '62 03 0001 00', MALFORMED],
  ['v3 3.7: PUBCOMP of three bytes', '70 03 0001 00', MALFORMED],
  ['v3 3.14: DISCONNECT with a body', 'e0 01 00', MALFORMED],
  ['v3 MQTT-3.8.3-3: SUBSCRIBE without a filter', '82 02 0001', PROTOCOL_ERROR],
  ['v3 MQTT-3.8.3-4: reserved bits beside the requested QoS', '82 06 0001 0001 61 04', MALFORMED],
  ['SUBSCRIBE with QoS 3', '82 06 0001 0001 61 03', PROTOCOL_ERROR],
  ['SUBSCRIBE with a filter and no options byte', '82 05 0001 0001 61', MALFORMED],
  ['an empty filter', '82 05 0001 0000 00', MALFORMED],
  ['an empty filter as one of several', '82 09 0001 0001 61 00 0000 00', MALFORMED],
  ['U+0000 in a filter', '82 06 0001 0001 00 00', MALFORMED],
  ['v3 MQTT-3.10.3-2: UNSUBSCRIBE without a filter', 'a2 02 0001', PROTOCOL_ERROR],
  ['packet identifier 0 in UNSUBSCRIBE', 'a2 05 0000 0001 61', PROTOCOL_ERROR],
];

const ONLY_5: Case[] = [
  ['MQTT-3.3.2-2: a topic with #', '30 04 0001 23 00', 0x90],
  ['MQTT-3.3.2-2: a topic with +', '30 06 0003 612f2b 00', 0x90],
  ['MQTT-1.5.5-1: an over-long remaining length', 'c0 80 00', MALFORMED],
  ['an empty topic without an alias', '30 03 0000 00', PROTOCOL_ERROR],
  ['MQTT-3.3.2-8: topic alias 0', '30 07 0001 61 03 23 0000', 0x94],
  ['a property twice', '30 08 0001 61 04 0100 0100', PROTOCOL_ERROR],
  ['a property of another packet', '30 06 0001 61 02 2401', MALFORMED],
  ['an unknown property', '30 06 0001 61 02 7e01', MALFORMED],
  ['properties that run past the packet', '30 04 0001 61 05', MALFORMED],
  ['a property cut off by the property length', '30 06 0001 61 01 0100', MALFORMED],
  ['payload format indicator 2', '30 06 0001 61 02 0102', PROTOCOL_ERROR],
  ['MQTT-3.3.2-14: a response topic with a wildcard', '30 08 0001 61 04 08 0001 23', PROTOCOL_ERROR],
  ['an empty response topic', '30 07 0001 61 03 08 0000', PROTOCOL_ERROR],
  ['subscription identifier 0', '82 09 0001 02 0b00 0001 61 00', PROTOCOL_ERROR],
  ['two subscription identifiers', '82 0b 0001 04 0b01 0b02 0001 61 00', PROTOCOL_ERROR],
  ['MQTT-3.8.3-5: reserved subscription options', '82 07 0001 00 0001 61 40', MALFORMED],
  ['retain handling 3', '82 07 0001 00 0001 61 30', PROTOCOL_ERROR],
  ['MQTT-3.8.3-4: No Local on a shared subscription', `82 0f 0001 00 0009 ${Buffer.from('$share/g/').toString('hex')} 04`, PROTOCOL_ERROR],
  ['MQTT-3.8.3-2: SUBSCRIBE without a filter', '82 03 0001 00', PROTOCOL_ERROR],
  ['SUBSCRIBE with a filter and no options byte', '82 06 0001 00 0001 61', MALFORMED],
  ['an empty filter', '82 06 0001 00 0000 00', MALFORMED],
  ['MQTT-3.10.3-2: UNSUBSCRIBE without a filter', 'a2 03 0001 00', PROTOCOL_ERROR],
  ['a reason code that PUBACK does not have', '40 03 0001 01', PROTOCOL_ERROR],
  ['a reason code that PUBREL does not have', '62 03 0001 80', PROTOCOL_ERROR],
  ['a reason code that DISCONNECT does not have', 'e0 01 01', PROTOCOL_ERROR],
  ['a reason code that AUTH does not have', 'f0 02 01 00', PROTOCOL_ERROR],
  ['bytes after the properties of PUBACK', '40 05 0001 00 00 00', MALFORMED],
  ['bytes after the properties of DISCONNECT', 'e0 03 00 00 00', MALFORMED],
];

/** CONNECT with these bytes after its protocol name. */
function connect(rest: string): string {
  const body = Buffer.from(`00044d515454${rest.replaceAll(' ', '')}`, 'hex');
  return Buffer.concat([Buffer.of(0x10, body.length), body]).toString('hex');
}

const CONNECT: Case[] = [
  ['MQTT-3.1.0-1: another first packet than CONNECT, from its first byte', 'c0', PROTOCOL_ERROR],
  ['MQTT-3.1.2-1: another protocol name', '10 09 0006 4d5149736470 03', 0x84],
  ['MQTT-3.1.2-2: protocol level 3', connect('03'), 0x84],
  ['MQTT-3.1.2-2: protocol level 6', connect('06'), 0x84],
  ['MQTT-3.1.2-3: the reserved flag, 3.1.1', connect('04 03 0000 0000'), MALFORMED],
  ['MQTT-3.1.2-3: the reserved flag, 5.0', connect('05 03 0000 00 0000'), MALFORMED],
  ['MQTT-3.1.2-12: will QoS 3', connect('04 1e 0000 0000 0001 61 0000'), MALFORMED],
  ['MQTT-3.1.2-11: will QoS without a will', connect('04 0a 0000 0000'), MALFORMED],
  ['MQTT-3.1.2-13: will retain without a will', connect('04 22 0000 0000'), MALFORMED],
  ['v3 MQTT-3.1.2-22: a password without a user name', connect('04 42 0000 0000 0001 61'), MALFORMED],
  ['MQTT-3.1.2-17: user name flag without a user name', connect('04 82 0000 0000'), MALFORMED],
  ['MQTT-3.1.2-16: a user name without its flag', connect('04 02 0000 0000 0001 61'), MALFORMED],
  ['MQTT-3.1.2-18: a password without its flag', connect('04 82 0000 0000 0001 61 0001 62'), MALFORMED],
  ['bytes after the payload', connect('04 02 0000 0000 00'), MALFORMED],
  ['U+0000 in the client identifier', connect('04 02 0000 0001 00'), MALFORMED],
  ['a surrogate in the user name', connect('04 82 0000 0000 0003 eda080'), MALFORMED],
  ['MQTT-1.5.5-1: an over-long remaining length, 5.0', '10 8d 00 0004 4d515454 05 02 0000 00 0000', MALFORMED],
  ['Receive Maximum 0', connect('05 02 0000 03 210000 0000'), PROTOCOL_ERROR],
  ['Maximum Packet Size 0', connect('05 02 0000 05 2700000000 0000'), PROTOCOL_ERROR],
  ['Request Problem Information 2', connect('05 02 0000 02 1702 0000'), PROTOCOL_ERROR],
  ['Request Response Information 2', connect('05 02 0000 02 1902 0000'), PROTOCOL_ERROR],
  ['Authentication Data without Method', connect('05 02 0000 03 160000 0000'), PROTOCOL_ERROR],
  ['a wildcard in the will topic', connect('04 06 0000 0000 0001 23 0000'), 0x90],
  ['an empty response topic of the will', connect('05 06 0000 00 0000 03 080000 0001 61 0000'), PROTOCOL_ERROR],
];

function expectError(hex: string, version: ProtocolVersion | undefined, reasonCode: number): void {
  expect(decode(hex, version)).toMatchObject({ type: 'protocol-error', reasonCode });
}

describe.each([4, 5] as const)('refused at protocol level %i', (version) => {
  it.each(BOTH)('%s', (_statement, hex, reasonCode) => expectError(hex, version, reasonCode));
});

describe('refused in 3.1.1', () => {
  it.each(ONLY_311)('%s', (_statement, hex, reasonCode) => expectError(hex, 4, reasonCode));
});

describe('refused in 5.0', () => {
  it.each(ONLY_5)('%s', (_statement, hex, reasonCode) => expectError(hex, 5, reasonCode));
});

describe('refused as CONNECT', () => {
  it.each(CONNECT)('%s', (_statement, hex, reasonCode) => expectError(hex, undefined, reasonCode));
});

describe('accepted', () => {
  it('3.1.1 takes a remaining length longer than needed, up to four bytes', () => {
    expect(decode('c0 80 80 00', 4)).toEqual({ type: 'pingreq' });
  });

  it('MQTT-1.5.4-3: a BOM is kept', () => {
    expect(decode('30 06 0004 efbbbf61', 4)).toMatchObject({ topic: '\uFEFFa' });
  });

  it('a password without a user name in 5.0', () => {
    expect(decode(connect('05 42 0000 00 0000 0001 61'), undefined)).toMatchObject({ type: 'connect', password: Buffer.from('a') });
  });
});

describe('limits', () => {
  it('MQTT-3.2.2-15: a packet above the maximum is 0x95 from its header alone', () => {
    expect(decode('30 64', 5, 101)).toMatchObject({ type: 'protocol-error', reasonCode: 0x95 });
    expect(decode('30 64', 5, 102)).toBeUndefined();
  });

  it('the answer to an unknown level is in the version that the client may understand', () => {
    expect(decode(connect('03'), undefined)).toMatchObject({ protocolVersion: 4 });
    expect(decode(connect('06'), undefined)).toMatchObject({ protocolVersion: 5 });
  });

  it('a payload that lies in one chunk is not copied', () => {
    const chunk = Buffer.from('3004000161aa', 'hex');
    const decoder = new Decoder({ maxPacketBytes: 100, protocolVersion: 4 });
    decoder.push(chunk);
    const packet = decoder.next();
    expect(packet?.type === 'publish' && packet.payload.buffer).toBe(chunk.buffer);
  });
});
