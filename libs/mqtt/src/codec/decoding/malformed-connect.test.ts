import { describe, expect, it } from 'vitest';
import { bytesOf, type Case, decode, expectRefusal, MALFORMED, PROTOCOL_ERROR, TOPIC_NAME_INVALID } from '../refused.fixture.js';

const BAD_PROTOCOL = 0x84;

const BOTH: Case[] = [
  ['the reserved flag [MQTT-3.1.2-3]', '10 ~ MQTT L 03 0000 P 0000', MALFORMED],
  ['will QoS 3 [MQTT-3.1.2-12]', '10 ~ MQTT L 1e 0000 P 0000 P "a" 0000', MALFORMED],
  ['will QoS without a will [MQTT-3.1.2-11]', '10 ~ MQTT L 0a 0000 P 0000', MALFORMED],
  ['will retain without a will [MQTT-3.1.2-13, v3 MQTT-3.1.2-11]', '10 ~ MQTT L 22 0000 P 0000', MALFORMED],
  ['the will flag without a will [MQTT-3.1.2-9]', '10 ~ MQTT L 06 0000 P 0000', MALFORMED],
  ['the will flag with a topic and no payload [MQTT-3.1.2-9]', '10 ~ MQTT L 06 0000 P 0000 P "a"', MALFORMED],
  ['a will without its flag [MQTT-3.1.4-1, v3 MQTT-3.1.2-11]', '10 ~ MQTT L 02 0000 P 0000 P "a" 0000', MALFORMED],
  ['a user name without its flag [MQTT-3.1.2-16]', '10 ~ MQTT L 02 0000 P 0000 "a"', MALFORMED],
  ['the user name flag without a user name [MQTT-3.1.2-17]', '10 ~ MQTT L 82 0000 P 0000', MALFORMED],
  ['a password without its flag [MQTT-3.1.2-18]', '10 ~ MQTT L 82 0000 P 0000 "a" "b"', MALFORMED],
  ['the password flag without a password [MQTT-3.1.2-19]', '10 ~ MQTT L c2 0000 P 0000 "a"', MALFORMED],
  ['a password that runs past the packet [MQTT-3.1.2-19]', '10 ~ MQTT L c2 0000 P 0000 "a" 0002 62', MALFORMED],
  ['no client identifier [MQTT-3.1.3-3]', '10 ~ MQTT L 02 0000 P', MALFORMED],
  ['a client identifier that runs past the packet [MQTT-3.1.3-3]', '10 ~ MQTT L 02 0000 P 0002 61', MALFORMED],
  ['a surrogate in the client identifier [MQTT-3.1.3-4]', '10 ~ MQTT L 02 0000 P 0003 eda080', MALFORMED],
  ['U+0000 in the client identifier [MQTT-1.5.4-2]', '10 ~ MQTT L 02 0000 P 0001 00', MALFORMED],
  ['a surrogate in the will topic [MQTT-3.1.3-11]', '10 ~ MQTT L 06 0000 P 0000 P 0003 eda080 0000', MALFORMED],
  ['U+0000 in the will topic [MQTT-1.5.4-2]', '10 ~ MQTT L 06 0000 P 0000 P 0001 00 0000', MALFORMED],
  ['a surrogate in the user name [MQTT-3.1.3-12]', '10 ~ MQTT L 82 0000 P 0000 0003 eda080', MALFORMED],
  ['U+0000 in the user name [MQTT-1.5.4-2]', '10 ~ MQTT L 82 0000 P 0000 0001 00', MALFORMED],
  ['a wildcard in the will topic', '10 ~ MQTT L 06 0000 P 0000 P "a/#" 0000', TOPIC_NAME_INVALID],
  ['an empty will topic [MQTT-4.7.3-1]', '10 ~ MQTT L 06 0000 P 0000 P 0000 0000', TOPIC_NAME_INVALID],
  ['bytes behind the payload [MQTT-3.1.4-1]', '10 ~ MQTT L 02 0000 P 0000 00', MALFORMED],
  ['a keep alive that is cut off [MQTT-3.1.4-1]', '10 ~ MQTT L 02 00', MALFORMED],
];

const ONLY_5: Case[] = [
  ['a remaining length longer than needed [MQTT-1.5.5-1]', '10 8d 00 MQTT 05 02 0000 00 0000', MALFORMED],
  ['properties that are missing', '10 ~ MQTT 05 02 0000', MALFORMED],
  ['properties that run past the packet', '10 ~ MQTT 05 02 0000 7f 0000', MALFORMED],
  ['Receive Maximum 0', '10 ~ MQTT 05 02 0000 03 210000 0000', PROTOCOL_ERROR],
  ['Maximum Packet Size 0', '10 ~ MQTT 05 02 0000 05 2700000000 0000', PROTOCOL_ERROR],
  ['Request Problem Information 2', '10 ~ MQTT 05 02 0000 02 1702 0000', PROTOCOL_ERROR],
  ['Request Response Information 2', '10 ~ MQTT 05 02 0000 02 1902 0000', PROTOCOL_ERROR],
  ['Authentication Data without Method', '10 ~ MQTT 05 02 0000 03 160000 0000', PROTOCOL_ERROR],
  ['a property of the will among those of CONNECT', '10 ~ MQTT 05 02 0000 05 1800000000 0000', MALFORMED],
  ['a property of CONNECT among those of the will', '10 ~ MQTT 05 06 0000 00 0000 05 1100000000 "a" 0000', MALFORMED],
  ['an empty response topic of the will', '10 ~ MQTT 05 06 0000 00 0000 03 080000 "a" 0000', PROTOCOL_ERROR],
  ['a wildcard in the response topic of the will [MQTT-3.3.2-14]', '10 ~ MQTT 05 06 0000 00 0000 04 08 "#" "a" 0000', PROTOCOL_ERROR],
  ['payload format 2 of the will', '10 ~ MQTT 05 06 0000 00 0000 02 0102 "a" 0000', PROTOCOL_ERROR],
];

const FIRST: Case[] = [
  ['PINGREQ as the first packet, from its first byte [MQTT-3.1.0-1, v3 MQTT-3.1.0-1]', 'c0', PROTOCOL_ERROR],
  ['PUBLISH as the first packet, from its first byte [MQTT-3.1.0-1, v3 MQTT-3.1.0-1]', '30', PROTOCOL_ERROR],
  ['AUTH as the first packet, from its first byte [MQTT-3.1.0-1, v3 MQTT-3.1.0-1]', 'f0', PROTOCOL_ERROR],
  ['another protocol name [MQTT-3.1.2-1, v3 MQTT-3.1.2-1]', '10 ~ "MQIsdp" 03', BAD_PROTOCOL],
  ['the protocol name in another case [MQTT-3.1.2-1, v3 MQTT-3.1.2-1]', '10 ~ "mqtt" 04 02 0000 0000', BAD_PROTOCOL],
  ['an empty protocol name [MQTT-3.1.2-1, v3 MQTT-3.1.2-1]', '10 ~ 0000 04 02 0000 0000', BAD_PROTOCOL],
  ['protocol level 3 [MQTT-3.1.2-2, v3 MQTT-3.1.2-2]', '10 ~ MQTT 03', BAD_PROTOCOL],
  ['protocol level 6 [MQTT-3.1.2-2, v3 MQTT-3.1.2-2]', '10 ~ MQTT 06', BAD_PROTOCOL],
  ['a password without a user name in 3.1.1 [v3 MQTT-3.1.2-22]', '10 ~ MQTT 04 42 0000 0000 "a"', MALFORMED],
  ['a CONNECT of no bytes [MQTT-3.1.4-1]', '10 00', MALFORMED],
];

describe.each([4, 5] as const)('refused as CONNECT of protocol level %i', (version) => {
  it.each(BOTH)('%s', (_guarantee, bytes, reasonCode) => expectRefusal(bytes, version, reasonCode));

  it('every CONNECT that is cut off behind its level is malformed [MQTT-3.1.4-1]', () => {
    const whole = bytesOf('10 ~ MQTT L c6 003c P "id" P "a" "b" "user" "secret"', version);
    expect(decode(whole, undefined)).toMatchObject({ type: 'connect', clientId: 'id' });
    for (let length = 7; length < whole.length - 2; length++) {
      const cut = Buffer.concat([Buffer.of(0x10, length), whole.subarray(2, 2 + length)]);
      expect(decode(cut, undefined)).toMatchObject({ type: 'protocol-error', reasonCode: MALFORMED, protocolVersion: version });
    }
  });

  it('its payload is client identifier, will, user name, password, in this order [MQTT-3.1.3-1]', () => {
    expect(decode(bytesOf('10 ~ MQTT L c6 003c P "id" P "a" "b" "user" "secret"', version), undefined)).toMatchObject({
      clientId: 'id',
      will: { topic: 'a', payload: Buffer.from('b') },
      userName: 'user',
      password: Buffer.from('secret'),
    });
  });

  it('one above the maximum size is refused in its own version as soon as that is known', () => {
    const start = bytesOf('10 ff7f MQTT L', version);
    expect(decode(start, undefined, 100)).toMatchObject({ reasonCode: 0x95, protocolVersion: version });
    expect(decode(start.subarray(0, -1), undefined, 100)).toBeUndefined();
  });
});

describe('refused as CONNECT of 5.0', () => {
  it.each(ONLY_5)('%s', (_guarantee, bytes, reasonCode) => expectRefusal(bytes, 5, reasonCode));
});

describe('refused as the first packet', () => {
  it.each(FIRST)('%s', (_guarantee, bytes, reasonCode) => {
    expect(decode(bytesOf(bytes, 4), undefined)).toMatchObject({ type: 'protocol-error', reasonCode });
  });

  it('the answer to an unknown level is in the version that the client may understand', () => {
    expect(decode(bytesOf('10 ~ MQTT 03', 4), undefined)).toMatchObject({ protocolVersion: 4 });
    expect(decode(bytesOf('10 ~ MQTT 06', 4), undefined)).toMatchObject({ protocolVersion: 5 });
  });
});

describe('accepted', () => {
  it('a password without a user name in 5.0', () => {
    const connect = decode(bytesOf('10 ~ MQTT 05 42 0000 00 0000 "a"', 5), undefined);
    expect(connect).toMatchObject({ type: 'connect', password: Buffer.from('a') });
  });

  it('what CONNECT brings does not hold the chunk that it came in', () => {
    const chunk = bytesOf('10 ~ MQTT 05 06 0000 0b 15 "m" 16 "data" 0000 06 09 "abc" "t" "w"', 5);
    const connect = decode(chunk, undefined);
    if (connect?.type !== 'connect') throw new Error('no CONNECT');
    const { properties, will } = connect;
    for (const kept of [properties.authenticationData, will?.properties.correlationData, will?.payload]) {
      expect(kept?.length).toBeGreaterThan(0);
      expect(kept?.buffer).not.toBe(chunk.buffer);
    }
  });
});
