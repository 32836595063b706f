import { describe, expect, it } from 'vitest';
import { bytesOf, decode, PROTOCOL_ERROR } from '../refused.fixture.js';

const CONNACK = '00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f';
const RECEIVED = '00 10 80 83 87 90 91 97 99';
const RELEASED = '00 92';
const SUBACK = '00 01 02 80 83 87 8f 91 97 9e a1 a2';
const UNSUBACK = '00 11 80 83 87 8f 91';
const DISCONNECT = '00 04 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2';

/** Table 2-6 of MQTT 5.0 by packet, written a second time; the packet around its code. */
const DEFINED = [
  ['CONNACK has its reason codes and no other [MQTT-3.2.2-8]', CONNACK, '20 ~ 00', '00'],
  ['PUBACK has its reason codes and no other [MQTT-3.4.2-1]', RECEIVED, '40 ~ 0001', ''],
  ['PUBREC has its reason codes and no other [MQTT-3.5.2-1]', RECEIVED, '50 ~ 0001', ''],
  ['PUBREL has its reason codes and no other [MQTT-3.6.2-1]', RELEASED, '62 ~ 0001', ''],
  ['PUBCOMP has its reason codes and no other [MQTT-3.7.2-1]', RELEASED, '70 ~ 0001', ''],
  ['SUBACK has its reason codes and no other [MQTT-3.9.3-2]', SUBACK, '90 ~ 0001 00', ''],
  ['UNSUBACK has its reason codes and no other [MQTT-3.11.3-2]', UNSUBACK, 'b0 ~ 0001 00', ''],
  ['DISCONNECT has its reason codes and no other [MQTT-3.14.2-1]', DISCONNECT, 'e0 ~', ''],
  ['AUTH has its reason codes and no other [MQTT-3.15.2-1]', '00 18 19', 'f0 ~', '04 15 "m"'],
] as const;

describe('reason codes of 5.0', () => {
  it.each(DEFINED)('%s', (_guarantee, defined, before, after) => {
    for (let code = 0; code < 256; code++) {
      const hex = code.toString(16).padStart(2, '0');
      const result = decode(bytesOf(`${before} ${hex} ${after}`, 5), 5);
      if (defined.split(' ').includes(hex)) expect(result, hex).not.toMatchObject({ type: 'protocol-error' });
      else expect(result, hex).toMatchObject({ type: 'protocol-error', reasonCode: PROTOCOL_ERROR });
    }
  });
});

it('SUBACK of 3.1.1 has the codes 0, 1, 2, 0x80 and no other [v3 MQTT-3.9.3-2]', () => {
  for (let code = 0; code < 256; code++) {
    const result = decode(bytesOf(`90 ~ 0001 ${code.toString(16).padStart(2, '0')}`, 4), 4);
    expect(result?.type).toBe(code <= 2 || code === 0x80 ? 'suback' : 'protocol-error');
  }
});
