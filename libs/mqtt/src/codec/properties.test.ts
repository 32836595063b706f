import { describe, expect, it } from 'vitest';
import type { Properties } from '../packets/properties.js';
import { encode } from './encoding/encoder.js';
import { bytesOf, decode, MALFORMED, PROTOCOL_ERROR, TOPIC_ALIAS_INVALID } from './refused.fixture.js';

/** Each packet around its properties, and the will. */
const AROUND = {
  connect: ['10 ~ MQTT 05 02 0000', '0000'],
  will: ['10 ~ MQTT 05 06 0000 00 0000', '"t" 0000'],
  connack: ['20 ~ 00 00', ''],
  publish: ['30 ~ "t"', ''],
  puback: ['40 ~ 0001 00', ''],
  pubrec: ['50 ~ 0001 00', ''],
  pubrel: ['62 ~ 0001 00', ''],
  pubcomp: ['70 ~ 0001 00', ''],
  subscribe: ['82 ~ 0001', '"f" 00'],
  suback: ['90 ~ 0001', '00'],
  unsubscribe: ['a2 ~ 0001', '"f"'],
  unsuback: ['b0 ~ 0001', '00'],
  disconnect: ['e0 ~ 00', ''],
  auth: ['f0 ~ 18', ''],
} as const;
type Owner = keyof typeof AROUND;

interface Expected {
  readonly id: string;
  readonly value: string;
  readonly owners: string;
  /** Values that are refused with a protocol error. */
  readonly wrong?: readonly string[];
}

/** Table 2-4 of MQTT 5.0, written a second time: what the decoder's own table is held against. */
const TABLE: readonly Expected[] = [
  { id: '01', value: '01', owners: 'publish will', wrong: ['02', 'ff'] },
  { id: '02', value: '00000000', owners: 'publish will' },
  { id: '03', value: '"text"', owners: 'publish will' },
  { id: '08', value: '"reply"', owners: 'publish will', wrong: ['0000', '"a/#"', '"+"'] },
  { id: '09', value: '"data"', owners: 'publish will' },
  { id: '0b', value: '01', owners: 'publish subscribe', wrong: ['00'] },
  { id: '11', value: 'ffffffff', owners: 'connect connack disconnect' },
  { id: '12', value: '"id"', owners: 'connack' },
  { id: '13', value: '0000', owners: 'connack' },
  { id: '15', value: '"method"', owners: 'connect connack auth' },
  { id: '16', value: '"data"', owners: 'connect connack auth' },
  { id: '17', value: '00', owners: 'connect', wrong: ['02', 'ff'] },
  { id: '18', value: '00000001', owners: 'will' },
  { id: '19', value: '01', owners: 'connect', wrong: ['02', 'ff'] },
  { id: '1a', value: '"info"', owners: 'connack' },
  { id: '1c', value: '"other"', owners: 'connack disconnect' },
  { id: '1f', value: '"why"', owners: 'connack puback pubrec pubrel pubcomp suback unsuback disconnect auth' },
  { id: '21', value: '0001', owners: 'connect connack', wrong: ['0000'] },
  { id: '22', value: '0000', owners: 'connect connack' },
  { id: '23', value: '0001', owners: 'publish' },
  { id: '24', value: '01', owners: 'connack', wrong: ['02', 'ff'] },
  { id: '25', value: '00', owners: 'connack', wrong: ['02', 'ff'] },
  { id: '26', value: '"name" "value"', owners: Object.keys(AROUND).join(' ') },
  { id: '27', value: '00000001', owners: 'connect connack', wrong: ['00000000'] },
  { id: '28', value: '00', owners: 'connack', wrong: ['02', 'ff'] },
  { id: '29', value: '00', owners: 'connack', wrong: ['02', 'ff'] },
  { id: '2a', value: '00', owners: 'connack', wrong: ['02', 'ff'] },
];

/** What a property cannot do without in its packet. */
function companion(owner: Owner, id: string): string {
  const needsMethod = owner === 'auth' || id === '16';
  return needsMethod && id !== '15' ? '15 "method"' : '';
}

function decodeWith(owner: Owner, properties: string): unknown {
  const [before, after] = AROUND[owner];
  const length = bytesOf(properties, 5).length.toString(16).padStart(2, '0');
  return decode(bytesOf(`${before} ${length} ${properties} ${after}`, 5), owner === 'connect' || owner === 'will' ? undefined : 5);
}

const refusedWith = (reasonCode: number): unknown => expect.objectContaining({ type: 'protocol-error', reasonCode });
const owners = Object.keys(AROUND) as Owner[];
const carried = TABLE.flatMap((row) => row.owners.split(' ').map((owner) => ({ ...row, owner: owner as Owner })));

describe.each(owners)('properties of %s', (owner) => {
  it('are those of table 2-4, and every other identifier is malformed', () => {
    for (let number = 0; number < 0x80; number++) {
      const id = number.toString(16).padStart(2, '0');
      const row = TABLE.find((each) => each.id === id);
      const result = decodeWith(owner, `${companion(owner, id)} ${id} ${row?.value ?? '00'}`);
      const allowed = row?.owners.split(' ').includes(owner) === true;
      if (allowed) expect(result, id).not.toMatchObject({ type: 'protocol-error' });
      else expect(result, id).toEqual(refusedWith(MALFORMED));
    }
  });

  it('have a length, and do not run past it', () => {
    const [before] = AROUND[owner];
    const version = owner === 'connect' || owner === 'will' ? undefined : 5;
    expect(decode(bytesOf(`${before} 7f 26`, 5), version)).toEqual(refusedWith(MALFORMED));
    expect(decode(bytesOf(`${before} ff`, 5), version)).toEqual(refusedWith(MALFORMED));
  });

  it('have a length and identifiers of as few bytes as possible [MQTT-1.5.5-1]', () => {
    const [before, after] = AROUND[owner];
    const version = owner === 'connect' || owner === 'will' ? undefined : 5;
    expect(decode(bytesOf(`${before} 8000 ${after}`, 5), version)).toEqual(refusedWith(MALFORMED));
    expect(decodeWith(owner, `${companion(owner, '')} a600 "a" "b"`)).toEqual(refusedWith(MALFORMED));
  });
});

describe.each(carried)('property 0x$id in $owner', ({ id, value, owner, wrong = [] }) => {
  it('is given once, but for user properties and the identifiers of PUBLISH', () => {
    const result = decodeWith(owner, `${companion(owner, id)} ${id} ${value} ${id} ${value}`);
    if (id === '26' || (id === '0b' && owner === 'publish')) expect(result).not.toMatchObject({ type: 'protocol-error' });
    else expect(result).toEqual(refusedWith(PROTOCOL_ERROR));
  });

  it('is malformed where it is cut off', () => {
    const whole = bytesOf(`${id} ${value}`, 5);
    for (let length = 1; length < whole.length; length++) {
      const cut = `${companion(owner, id)} ${whole.subarray(0, length).toString('hex')}`;
      expect(decodeWith(owner, cut), `${length} bytes`).toEqual(refusedWith(MALFORMED));
    }
  });

  it('is refused with a value that it does not have', () => {
    for (const bad of wrong) expect(decodeWith(owner, `${companion(owner, id)} ${id} ${bad}`), bad).toEqual(refusedWith(PROTOCOL_ERROR));
  });

  it('is well-formed UTF-8 without U+0000 where it is a string', () => {
    if (!value.includes('"') || id === '09' || id === '16') return;
    const second = id === '26' ? '"v"' : '';
    for (const bad of ['0001 00', '0003 eda080', '0002 c0af']) {
      expect(decodeWith(owner, `${companion(owner, id)} ${id} ${bad} ${second}`), bad).toEqual(refusedWith(MALFORMED));
    }
  });
});

it('topic alias 0 is 0x94 [MQTT-3.3.2-8]', () => {
  expect(decodeWith('publish', '23 0000')).toEqual(refusedWith(TOPIC_ALIAS_INVALID));
});

it('a response topic is UTF-8 [MQTT-3.3.2-13]', () => {
  expect(decodeWith('publish', '08 0003 eda080')).toEqual(refusedWith(MALFORMED));
});

it('a response topic has no wildcard [MQTT-3.3.2-14]', () => {
  for (const topic of ['"+"', '"a/#"']) expect(decodeWith('publish', `08 ${topic}`)).toEqual(refusedWith(PROTOCOL_ERROR));
});

it('a content type is UTF-8 [MQTT-3.3.2-19]', () => {
  expect(decodeWith('publish', '03 0003 eda080')).toEqual(refusedWith(MALFORMED));
});

it('both halves of a user property are UTF-8 [MQTT-1.5.7-1]', () => {
  expect(decodeWith('publish', '26 0003 eda080 "value"')).toEqual(refusedWith(MALFORMED));
  expect(decodeWith('publish', '26 "name" 0003 eda080')).toEqual(refusedWith(MALFORMED));
  expect(decodeWith('publish', '26 "name" 0001 00')).toEqual(refusedWith(MALFORMED));
});

it('user properties keep their order, equal names too [MQTT-3.1.3-10]', () => {
  const userProperties: Properties['userProperties'] = [
    ['b', '1'],
    ['a', '2'],
    ['b', '3'],
  ];
  const bytes = '26 "b" "1" 26 "a" "2" 26 "b" "3"';
  expect(decodeWith('publish', bytes)).toMatchObject({ properties: { userProperties } });
  expect(decodeWith('will', bytes)).toMatchObject({ will: { properties: { userProperties } } });
});

it('no properties are written as a length of 0 [MQTT-2.2.2-1]', () => {
  const subscriptions = [{ filter: 'f', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }] as const;
  expect(encode({ type: 'subscribe', packetId: 1, subscriptions, properties: {} }, 5)).toEqual(bytesOf('82 ~ 0001 00 "f" 00', 5));
  expect(encode({ type: 'connack', sessionPresent: false, reasonCode: 0, properties: {} }, 5)).toEqual(bytesOf('20 ~ 00 00 00', 5));
});
